"""What Vietnamese words in a memo are about, so that a name can be told from what stands around it.

Language, not banks: no shape of any bank's message is known here. All words are folded (no marks, lower case). A word that is missing
costs a question to a person, hardly a wrong match: what is not known to be something else counts as a part of a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final


def words_in(text: str) -> frozenset[str]:
    """Words that stand there between spaces."""
    return frozenset(text.split())


def _phrases_of(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(";"))


class Phrases:
    """What may be said in several ways, by the first word of each: a text that holds none of these is not searched."""

    __slots__ = ("by_first",)

    def __init__(self, text: str) -> None:
        self.by_first: dict[str, list[str]] = {}
        """With a space before and behind, as they stand among words."""
        for phrase in _phrases_of(text):
            self.by_first.setdefault(phrase.split()[0], []).append(f" {phrase} ")

    def are_in(self, words: Sequence[str]) -> bool:
        """Whether one stands among these words."""
        return not self.by_first.keys().isdisjoint(words) and self.are_told(words, f" {' '.join(words)} ")

    def are_told(self, words: Sequence[str], told: str) -> bool:
        """Whether one stands in what is told with these words."""
        for word in words:
            for phrase in self.by_first.get(word, ()):
                if phrase in told:
                    return True
        return False


_PHRASES: Final = """
an ban tru, an chieu, an o, an sang, an trua, anh chup, anh trai, ao dong phuc, ao quan, ao the duc, ba ngoai, ba no,
ba noi, ba thang, ban sao, ban tru, ban ve, bao dam, bao hiem, bao hiem y te, bao ve, be boi, benh nhan, bh y te, bia
do, bien dong, bien dong dat, bien dong dat dai, bo dong phuc, bo ho so, bo no, boi duong, ca ky, ca nam, ca phe, cac
chau, cac khoan, cac khoan con thieu, cac thang, cam on, can cuoc, cap cuu, cap doi, cap lai, cap moi, cap phep, cap
so, cap so do, cham cuu, cham soc, chao co, chao thay, chau chao co, chau chao thay, chau gai, chau trai, chay than,
chi gai, chi nhanh, chi tra, cho chau, cho chong, cho co a, cho co giao, cho co nhe, cho co voi, cho con, cho thay
giao, cho vo, chu ho so, chu nhiem, chung nhan, chung thuc, chup chieu, chup phim, chup x quang, chup xq, chuyen
khoan, chuyen muon, chuyen nhuong, chuyen phi, chuyen tien, chuyen tin an, ck tien, ck tin an, co giao, co nhan, co
oi, co so vat chat, com trua, con chao co, con gai, con lai, con no, con quen, con thieu, con trai, cong chung, cong
dan, cua be, cua chau, cua con, cung chi tra, cuoi nam, da ngoai, dang ky, dang ky bien dong, dat coc, dat dai, dau
ky, dau nam, di lam, dia chinh, dich vu, dien nuoc, dien tu, dieu hoa, dk bien dong, do dac, do dung, doan phi, doc
than, doi phi, don thuoc, don vi, dong an, dong chi tra, dong du, dong giup, dong het, dong ho, dong hoc, dong phi,
dong phuc, dong quy, dong tien, dong tin an, dong truoc, dot nop, dot thu, dua don, em chao co, em chao thay, em gai,
em gui, em quen, em trai, ghe ngoi, ghi chu, gia dinh, giao dich, giao dich bao dam, giao dich dam bao, giao vien,
giay chung nhan, giay kham, giay phep, giay to, giu trua, giu xe, goi co, goi giup, goi ho, goi thay, goi tien, goi
tin an, goi truong, goi xe, goi xe dap, goi xe may, gop tien, gui co, gui giup, gui ho, gui thay, gui tien, gui tin
an, gui truong, gui xe, gui xe dap, gui xe may, hai be, hai chau, hai con, hai thang, hanh chinh, hiem y te, ho khau,
ho kinh doanh, ho so, ho ten, ho tich, ho tro, ho va ten, hoat dong, hoc boi, hoc cu, hoc ki, hoc ky, hoc lai, hoc
lieu, hoc pham, hoc phi, hoc sinh, hoc tai, hoc them, hoc truong, hoi cha me, hoi phi, hoi phu huynh, hoi suc, hon
nhan, hop dong, kem anh, ket hon, khai sinh, khai tu, kham benh, kham sk, kham suc khoe, kham thai, khoan con lai,
khoan dau nam, khoan thu, khuyen hoc, kinh chao, kinh doanh, kinh gui, ky nang, ky tuc xa, ky yeu, lam bia do, lam can
cuoc, lam giay, lam giay to, lam ho so, lam khai sinh, lam nha, lam so do, lam the, lam thu tuc, lan truoc, le phi,
lien hoan, lien lac, luyen thi, ly lich, ma benh nhan, ma bn, ma gd, ma giao dich, ma ho so, ma hoc sinh, ma hs, ma
so, ma so hoc sinh, ma so hs, mam non, mau giao, me no, moi lan, mot nua, mot phan, mua bao hiem, mua bhyt, mua dong
phuc, mua quan ao, mua sach, mua the, nam giuong, nam hoc, nang khieu, nang song, nap bao hiem, nap phi, nap tien, ng
gui, ng nop, ngan hang, nghe nghiep, ngoai khoa, ngoai ngu, ngu trua, nguoi benh, nguoi gui, nguoi nha, nguoi nhan,
nguoi nop, nguyen lieu, nha co, nha dat, nha o, nha tre, nha truong, nhan giup, nhap vien, nho co, nho thay, nho
truong, nhu cu, nhu hom truoc, nhu lan truoc, nhu moi lan, nhu moi thang, nhu thang truoc, noi dung, noi soi, noi tru,
nop an, nop bu, nop du, nop giup, nop het, nop ho, nop muon, nop not, nop phi, nop quy, nop thay, nop tien, nop tin
an, nop truoc, nuoc loc, nuoc sach, nuoc tinh khiet, nuoc uong, on tap, on thi, ong ngoai, ong noi, phau thuat, phep
xay dung, phi bao tri, phi chung thuc, phi cong chung, phi dich vu, phi ho so, phi thuong nien, phi trong trua, phong
kham, phu dao, phu huynh, phuc hoi, phuc vu, qua han, quan ao, quan ly, quen nop, quy doan, quy doi, quy hoi, quy
khuyen hoc, quy lop, quy ph, quy phu huynh, quy truong, quyen su dung, quyen su dung dat, ra vien, sach vo, san phu,
sang ten, sao y, sieu am, sinh nam, sinh ngay, so do, so du, so gd, so ho so, so hong, so hs, so lien lac, so ll, suat
an, suc khoe, tach thua, tai app, tai chi nhanh, tai khoan, tai lieu, tai nha, tai phong, tai quay, tai truong, tam
tru, tam ung, tat ca, tham dinh, tham dinh ho so, tham quan, than the, thang gieng, thang muoi, thang muoi hai, thang
muoi mot, thang nay, thanh toan, thay giao, thay oi, the bao hiem, the bhyt, the chap, the duc, the hoc sinh, the hs,
the kcb, thong cam, thu phi, thu tien, thua co, thua thay, thuc an, thuoc men, tiem chung, tiem phong, tiem vac xin,
tien an, tien ao, tien chau hoc, tien cho chau hoc, tien cho co, tien cho con hoc, tien cho thay, tien com, tien con
hoc, tien cua be, tien cua chau, tien cua con, tien dien, tien ghe, tien giuong, tien hoc, tien hok, tien kham, tien
lop, tien mat, tien nuoc, tien phong, tien quy, tien sach, tien suat an, tien thang, tien the, tien thua, tien thuc
an, tien thuoc, tien tiem, tien truong, tien vien, tien xe, tien xet nghiem, tien xn, tien xuat an, tieng anh, tieu
hoc, tin an, tin com, tin hoc, tin nuoc, tinh trang hon nhan, toan bo, tong cong, tong ket, tong so, tra du, tra giup,
tra gop, tra ho, tra sau, tra truoc, trai he, trai nghiem, trich luc, trong giu, trong trua, trong xe, trung hoc,
trung tam, truoc ba, tu chon, tu nguyen, tu thien, tu vien phi, ung ho, ung ho vung lu, uy quyen, vat chat, vat ly,
vat ly tri lieu, ve sinh, ve xe, vien phi, viet nam, vo viet, vung lu, x quang, xa hoi hoa, xac nhan, xay dung, xay
nha, xe dap, xe dap dien, xe dua don, xe may, xet nghiem, xet nghiem mau, xin cam on, xin loi, xin loi co, xin loi
thay, xu phat, xuat an, xuat vien, y te
"""


def _phrases() -> dict[str, dict[str, tuple[tuple[str, ...], ...]]]:
    """First word → second word → the phrases that begin so, the longest first."""
    table: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {}
    phrases = {tuple(each.split()) for each in _PHRASES.split(",")}
    for phrase in sorted(phrases, key=lambda each: (-len(each), each)):
        seconds = table.setdefault(phrase[0], {})
        seconds[phrase[1]] = (*seconds.get(phrase[1], ()), phrase)
    return table


PHRASES: Final = _phrases()

PAYING_VERBS: Final = words_in("dong gop nop thu")
PAYING_WORDS: Final = PAYING_VERBS | words_in("phi tien")
PAID_FOR: Final = words_in("bh bhtn bhyt bt btru dp hp ta")
"""Fees in short: a word of paying before one is no name: "ĐÓNG HP", "thu bhyt"."""
PHI_OF: Final = words_in("an ban bao cham dich giu trong ve")
"""What begins so is a fee behind "phí": "phí vệ sinh", though a name goes before."""
BANK_WORDS: Final = words_in("chuyen tien khoan noi dung ma gd giao dich tai ngan hang thanh toan nguoi gui nhan")
"""Words of phrases that banks and applications write by themselves."""

CHILD_WORDS: Final = words_in("con kon chau be cu em hs hsinh tre")
"""The word behind one of these is who it is for."""
ANNOUNCING_WORDS: Final = CHILD_WORDS | words_in("phhs ten")
"""Behind one of these a pupil is named too: "họ tên", "phụ huynh học sinh"."""
WHOSE_CHILD: Final = words_in("toi tui noi ngoai gai trai")
"""Behind a word for a child these go on about it: "con tôi", "cháu nội"."""
RELATIVES: Final = words_in("anh ba bac bo cau cha chi chu co cu di duong gai huynh ma me mo ngoai noi o ong thim trai")
"""Who is one of these of somebody pays for him: "bác của An", "ông ngoại của An". The "con của An" is the pupil, and An the parent."""
KIN_WORDS: Final = words_in("cua me bo ong noi ngoai dinh huynh cho hs ph phhs")
"""Before a word for a child these leave no doubt that it is one: "mẹ bé", "gia đình cháu"."""
KIN_LETTERS: Final = words_in("a b c e")
"""What stands for "anh", "bé", "cháu", "em" as well as for a family name."""
PARENT_WORDS: Final = words_in("me bo ba ong cha ma co chu bac di cau thim ph phhs phuhuynh huynh dinh tu gui boi")
"""The name behind one of these is of who pays."""
PAYER_WORDS: Final = PARENT_WORDS - words_in("ma phhs phuhuynh dinh tu gui boi") | words_in("thay anh chi")
PAYER_PHRASES: Final = frozenset({("nguoi", "nop"), ("co", "giao"), ("thay", "giao"), ("giao", "vien")})
"""Directly before a whole name: that is who pays, and no pupil."""
PAYS: Final = words_in("chuyen ck cho dong gui ho nap nop thanh tra tt")
"""Behind a name: that its bearer pays."""
FAMILIES: Final = words_in(
    "nguyen tran le pham huynh hoang phan vu vo dang bui do ngo duong ly dinh trinh luong mai truong dao doan luu tong nong "
    "giap thieu thach ninh khuc lo vang giang trieu hua vi chu tang trang luc sung than quach bach kieu vuong thai lam tieu "
    "phung cao ksor"
)
"""Frequent family names: two words are a whole name where the first is one."""
ANY_FAMILIES: Final = FAMILIES | words_in(
    "an au ban be ca cam chao chau chiu chu chung co cung dam dau diep doi dong ha ho kha khong kim la lai lanh leo lu ma mac mo "
    "mong mua nghiem nham nung on phun quan sam ta tan tay than thao ti tiet to ton trac tu uong van vien voong vuu xa y"
)
"""With those that are rather something else, or rare: a name that begins so may be one as it stands."""
TITLES: Final = words_in("anh ba bac cau chi chu co di ong thay")
"""Before a whole name: how its bearer is addressed."""
TEACHERS: Final = Phrases("ca lop; chu nhiem; giao vien; gv; gvcn")
"""Who says one of these pays for many, or tells her own name."""
TEACHERS_TITLES: Final = frozenset({"co", "thay"})
"""Before a given name: a teacher's."""
TEACHERS_WORDS: Final = words_in("lop nhiem vien gv gvcn")
"""What these end in."""
WHOLE_CLASS: Final = Phrases("ca lop")
STAFF: Final = Phrases("ke toan; thu ngan; thu quy")
"""Who carries a site's cash to the bank."""
CONNECTIVES: Final = words_in("va voi cung")
"""Between two names; a part of none."""

MONTH_WORDS: Final = words_in("t th thang thg")
COUNTED_WORDS: Final = MONTH_WORDS | words_in("nam nh ky dot lan khoi phong quy tuan lop so ngay")
"""Before a number these count something, whatever else they mean."""
COUNTED_OR_NAMED: Final = words_in("nam khoi lan phong quy tuan")
"""Of these, names: "Lan 4 tuổi A", "Tuấn 3B" count nothing."""
SCHOOLS: Final = _phrases_of(
    "benh vien; tai chi nhanh; tai cn; tai pgd; tram y te; trung tam dich vu; trung tam hanh chinh; trung tam phuc vu; "
    "trung tam pvhcc; trung tam y te; truong mam non; truong mamnon; truong mau giao; truong pho thong; truong ptcs; "
    "truong ptdtbt; truong ptdtnt; truong th; truong thcs; truong thpt; truong tieu hoc; truong tieuhoc; truong trung hoc"
)
"""What the name of a school, a health site, an office or a bank's branch begins with; what it is called after is no pupil's name."""
SCHOOL_WORDS: Final = words_in(
    "ban chinh co cong kcn dan dtbt dtnt hanh hoc huyen noi pho ptcs ptdtbt pvhcc so th thcs thong thpt tieu toc tru trung va xa"
)
"""Words that stand between these and the site's own name."""
DEPARTMENTS: Final = _phrases_of(
    "khoa cap cuu; khoa cdha; khoa chan doan hinh anh; khoa chan thuong; khoa da lieu; khoa dinh duong; khoa dong y; khoa duoc; khoa "
    "gay me; khoa hoi suc; khoa hoi suc cap cuu; khoa kham; khoa kham benh; khoa lao; khoa lien chuyen khoa; khoa mat; khoa ngoai; "
    "khoa nhi; khoa noi; khoa noi tru; khoa phau thuat; khoa phcn; khoa phu san; khoa phuc hoi; khoa phuc hoi chuc nang; khoa rang ham "
    "mat; khoa rhm; khoa san; khoa san phu; khoa tai mui hong; khoa tam than; khoa tim mach; khoa tmh; khoa truyen nhiem; khoa ung "
    "buou; khoa xet nghiem; khoa y hoc co truyen; khoa yhct; k cap cuu; k hoi suc; k kham benh; k ngoai; k nhi; k noi; k san; khoi suc"
)
"""Of a health site: they name neither a class nor a fee, and end a name ("Hoa Khoa Nhi")."""
SCHOOL_NAME_MAX: Final = 3
FEE_LETTERS: Final = words_in("ta hp bt dp")
"""Fees by their first letters."""
FEES_IN_SHORT: Final = words_in("dkkd lp thuoc vien xn")
"""Fees of offices and health sites in short: registering a business, any "lệ phí", medicine, "tiền viện", tests."""

DOUBTFUL_WORDS: Final = words_in(
    "an anh ba bao ca cam cau chi co da di dich don dong gop giao ha hai hang ho hoc la lai lan ma mo na nam nha nhan "
    "nho nn no phi phuc quy thang thanh thu tien tra truong tu"
)
"""Words of money, school, family and courtesy that are names too: they count as something else only inside a phrase."""
RATHER_NAMES: Final = words_in("anh hang ha lan thanh nam chi thang phuc bao cam chau")
"""Of these, the ones that are rather a name where they stand alone."""
RATHER_NAMES_BEHIND: Final = words_in("an anh bao cam chi ha hai hang hoc lan na nam nhan phi phuc quy thanh truong")
"""Of these, the ones that are rather a name directly behind a part of one: "Sủi" is another in "Sủi Na"."""
BANK_NAMES: Final = words_in(
    "abbank agribank app bacabank bank banking baoviet bidv cake coopbank dongabank ebanking eximbank gpbank hdbank "
    "ibanking icb internet ipay kenh kienlongbank lienviet lienvietpostbank liobank lpbank mbbank mbvcb mobile money msb "
    "myvib namabank napas ncb neo ocb omni online openbk pgbank pvcombank sacombank saigonbank scb seabank sevqr shb "
    "shinhan tcb techcombank timo tkthe tpbank vbsp vib vietabank vietbank vietcombank vietin vietinbank viettel "
    "viettelmoney vikki vnptmoney vpb vpbank vtmoney"
)
"""Banks, and what stands in their forms beside them: none is a name, however it could be cut into syllables."""
PLAIN_WORDS: Final = (
    CHILD_WORDS
    | BANK_NAMES
    | words_in(
        "a ac acb agribank ah ak bac bankapinotify bh bhtn bhtt bhxh bhyt bidv bn bo bome bt btru cac cau cb cccd cha cho chu "
        "chuyen chuyenkhoan chuyentien cj ck cko cmhs cmnd cn com cre ct cua cung customer da den dkbd dkkd dp dt du dvbt e "
        "ebank gcn gd giup gksk gui gv gvbm gvcn hd hdd help het hk hkd hok hoso hp hphi huyen ib ibft kcb kh khach khoan khoi "
        "ki kon ksk ky l lop lp lpks ma mahs mam maugiao mb mbvcb me mhs mn momo mshs nap napas nc nd ndung ngan ngay ngoai "
        "nguoi nha nhap nhe nhu noi non nop nuoc oi ok ong pay payment ph phhs pls ptdt qr qua quyt ref rem remark roi "
        "sacombank sdt sh slldt sms sn so sp stk t ta tai techcombank ten tfr th thank thanks thcs them thg thim thon thpt "
        "thuoc tieu tinh tk tks toi tpbank tr trace transfer trua tt ttyt txn ubnd uong va vcb ve via vietinbank vietqr "
        "viettelpay vnpay voi vp vpbank vs vsinh xa xac xin xn xntthn xq xquang zalopay"
    )
    - DOUBTFUL_WORDS
)
"""Words that are hardly ever a part of a name in a memo."""

BROKEN_WORDS: Final = words_in(
    "mat chuyen khoan thang truong tien lop phi hoc nguyen tru thanh toan giao dich nguoi ngan hang nop cho chau dong trua sinh"
)
"""Words that are put together again where a bank's wrap broke them, though their pieces are words too."""

_NAMES: Final = """
a ai an anh au ba bach ban banh bao be bich binh bon bong bui ca cam canh cao cat cau cha cham chao chau chi chia chien
chinh choi chu chua chung co con cong cu cua cuc cung cuong dai dam dan dang danh dao dat dau de di diem diep dien diep
dieu dinh do doan doanh dong du dua duc dung duong duy duyen gam gia giam gian giang giao giap giau gioi ha hai ham han
hang hanh hao hau he hen hien hieu hinh ho hoa hoai hoan hoang hoc hoi hon hong hop hua huan hue hung huong huu huy huyen
huynh hy ich kha khac khai khang khanh khiem kho khoa khoi khong khu khuc khue khuong khuyen kien kiet kieu kim ku ky la lai
lam lan lang lanh lao lap le lich lien lieu linh lo loan loc loi long lu lua luan luc luong luong luu luyen ly ma mac mai
man manh mao mau may me men mi mien minh mo mong mua mui muoi my mya na nam nang nga ngan nghi nghia nghiem nghiep ngo
ngoc ngon nguyen nguyet nha nhai nham nhan nhat nhi nhien nho nhu nhuan nhung nhuong ni nien ninh no nong nu oan oanh on
ong pa pang pao pha phac pham phan phat phi phien pho phong phu phuc phung phuoc phuong quach quan quang quat que qui quoc quy
quyen quyet quynh ram ray rin sam san sang sanh sao sau say se sen seo si sinh so soan son song su sung suong sy ta tai
tam tan tang tao tat te thach thai tham than thang thanh thao thap that thau the them thep thet thi thich thien thiep
thieu thin thinh tho thoa thoai thoan thoi thom thon thong thu thua thuan thuat thuc thue thuoc thuong thuy thuyen ti tich
tien tiep tiet tin tinh to toa toai toan toc toi ton tong tot tra trac trai tram tran trang tri triet trieu trinh tro
trong tru truc trung truong truyen tu tuan tue tung tuoi tuong tuy tuyen tuyet ty ung uong ut uy uyen van vang vi vien
viem viet vinh vo vong vu vui vung vuong vy xa xoan xu xuan xuyen y yen yeu
"""
NAME_WORDS: Final = words_in(_NAMES)
"""Syllables that people are named with, besides those of the site's own lists. A slip that makes another name is no slip."""

GIVEN_NAMES: Final = words_in(
    "an anh ai au ba bac bach ban bang bao be bich bien binh bo bon buu ca cam can canh cao cat chau chi chien chinh chu "
    "chuc chung chuong chuyen co con cong cu cuc cuong da dai dam dan dang danh dao dat dau de di diem dien diep dieu dinh "
    "do doan doanh don dong du dua duan duc dung duong duy duyen gam gia giang giao giap ha hai ham han hang hanh hao hau "
    "hen hien hiep hieu hinh ho hoa hoai hoan hoang hoat hoc hoi hong hop hua huan hue hung huong huu huy huyen huyet huynh "
    "hy ich ka kha khac khai khang khanh khiem khoa khoi khue khuyen kien kiet kieu kim ky la lac lai lam lan lang lanh lap "
    "le lich liem lien lieu linh loan loc loi long lu luan luat luc luong luu luyen luyt ly mai man manh mao mat may men mi "
    "mien minh mo mong mua mui my mya na nam nang nen nga ngan nghi nghia ngoan ngoc nguyen nguyet nha nhai nham nhan nhanh "
    "nhat nhi nhien nho nhu nhuan nhung nhuong ni nien ninh non nu nuong oanh pao pha phat phi phong phu phuc phung phuoc "
    "phuong quan quang quat que qui quoc quy quyen quyet quynh sam san sang sanh sao sau sen sinh so son song su sung sung "
    "sy ta tai tam tan tang tao tap tha thach thai tham than thang thanh thao that the them thi thien thiep thieu thin "
    "thinh tho thoa thoai thoi thom thong thu thua thuan thuat thuc thuong thuy thuyen thuyet ti tich tien tin tinh toai "
    "toan toi ton tong tra trac trai tram tran trang tri triet trieu trinh tron trong tru truc trung truong tu tuan tue "
    "tung tuoi tuong tuyen tuyet ty uoc ut uyen van vang vi viem vien viet vinh vong vu vui vuong vy xa xam xinh xoan xuan "
    "xuyen y yen"
)
"""What children are called: a slip that makes one of these may be another child."""

COMPANY_WORDS: Final = words_in(
    "cty ctcp congty tnhh jsc ltd company corp bank nganhang kbnn momo zalopay zion vnpay viettel vnpt shopeepay "
    "airpay moca viettelpay viettelmoney vtmoney vnptmoney zalo payment service services wallet digital cp"
)
"""A counterparty whose name holds one of these is no person, and pays for anybody."""
COMPANY_PHRASES: Final = _phrases_of(
    "bao hiem xa hoi; co phan; cong ty; doanh nghiep; hop tac xa; kho bac; ngan hang; phong giao duc; trung tam; uy "
    "ban; vi dien tu"
)
WALLETS: Final = words_in("momo zalopay viettelpay shopeepay vnpay airpay moca viettelmoney vnptmoney")
"""As one word; `wallets.speaks_of_wallet` knows them in every spelling."""

CASH: Final = Phrases("cash deposit; nop quy tm; nop tm; ntm; tien mat")
"""Cash that somebody carried to the bank."""
NOT_INCOME: Final = Phrases(
    "acc int; accr int; accrued int; bhxh cap; bhxh chi; bhxh chuyen; bhxh co so; bhxh huyen; bhxh khu vuc; bhxh tam ung; "
    "bhxh thanh toan; bhxh tinh; bhxh tt; boi hoan; boi thuong; bu tru; cap bu; cap bu hoc phi; cap kinh phi; cap kp; cap "
    "phat; cashback; cham soc suc khoe ban dau; chargeback; che do om dau; che do thai san; chi phi kcb bhyt; chi thuong "
    "xuyen; chuyen noi bo; chuyen tra; cr int; credit int; cssk ban dau; csskbd; deposit int; dieu chuyen tien; dieu chuyen "
    "von; du toan; giai ngan; ho tro chi phi hoc tap; hoan phi; hoan thue; hoan tien; hoan tra; hoan ung; int accr; int "
    "adj; int credit; int dep; int paid; int payment; int pmt; interest; kbnn; kcb bhyt quy; kcb bhyt thang; ket chuyen "
    "lai; ket chuyen so du; kho bac; kinh phi cham soc suc khoe; kinh phi chi; kinh phi cssk; kinh phi csskbd; kinh phi ho "
    "tro; kinh phi hoat dong; kinh phi kcb; kinh phi quy; kinh phi thuong xuyen; kp chi; kp ho tro; kp kcb; lai cong don; "
    "lai cuoi ky; lai dinh ky; lai khong ky han; lai kkh; lai ky han; lai nhap goc; lai nhap tk; lai nhap von; lai phat "
    "sinh; lai so du; lai suat; lai tai khoan; lai tgkkh; lai tgtt; lai tien gui; lai tk; lai tkkkh; lai tktt; lai tra sau; "
    "lai truoc han; lai vao goc; lai vao von; luong can bo; luong giao vien; luong vien chuc; ngan hang tra lai; ngan sach; "
    "nguon kinh phi; nhan lai tien gui; nhap lai; payment return; payment returned; quyet toan bhyt; quyet toan kcb; quyet "
    "toan kinh phi; quyet toan kp; refund; rejected; return of payment; return payment; returned; rev ft; reversal; "
    "reverse; reversed; rut du toan; tam ung kcb; tam ung kinh phi; tat toan; thoai thu; tien lai; tra lai dinh ky; tra lai "
    "kkh; tra lai so du; tra lai tai khoan; tra lai tgkkh; tra lai tien chuyen nham; tra lai tien gui; tra lai tien hang; "
    "tra lai tien mua; tra lai tien thua; tra lai tien tiet kiem; tra lai tiet kiem; tra lai tk; tra lai tktt; tra soat; "
    "tro cap bhxh; tro cap om dau; tro cap thai san"
)
"""Interest, the State Treasury, and what comes back: money that pays no fee."""
GIVEN_BACK: Final = frozenset(
    _phrases_of("chuyen nham; chuyen tra; hoan lai; hoan phi; hoan tien; hoan tra; nop nham; tra lai")
)
"""Beside a name: money that comes back rather than a fee."""
REVERSALS: Final = words_in("chargeback refund rejected returned reversal reverse reversed")
"""What banks write in English of a payment that comes back."""
NOT_INCOME_SENDERS: Final = Phrases(
    "bao hiem xa hoi; bhxh; kbnn; kho bac; ngan hang; phong giao duc; phong tai chinh; so tai chinh"
)

PARTS: Final = Phrases("1 it; 1 nua; 1 phan; mot it; mot nua; mot phan; nua tien; truoc nua")
"""Who says one of these pays a part of something."""
HALVES: Final = words_in("nua")

VOLUNTARY: Final = _phrases_of(
    "dai dien cha me; dai dien cmhs; donation; hao tam; parents fund; quy phu huynh; tai tro; tu nguyen; ung ho; voluntary"
)
"""In a file that names no obligation, a fee whose kind or purpose says one of these is owed by nobody."""
