"""Fee kinds (danh mục khoản thu): what a site collects, by what right, up to what sum.

model.py says what a kind allows, tuition.py the one law that forbids a kind outright; rows.py reads kinds from a file,
importing.py stores them, store.py holds their SQL. All but the last two are pure.
"""
