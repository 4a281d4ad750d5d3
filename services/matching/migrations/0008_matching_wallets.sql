-- Forget what was learned through wallets by the account alone, which may be all their users'; it is learned anew by account and name.
-- depends: 0007_matching_dossiers

-- migrate: apply

delete from habits using texts, credits
where texts.credit_id = habits.credit_id and credits.credit_id = habits.credit_id
  and concat_ws(' ', texts.memo, credits.counter_bank)
    ~* '(momo|zalo ?pay|viettel ?(pay|money)|vtmoney|shopee ?pay|vn ?pay|vnpt ?money|air ?pay|moca|oqch|9710(05|11|25))';

-- migrate: rollback

select 1;
