"""The sample district and the simulator of payers, banks and weak networks: a client that speaks only HTTP.

`district` reads the data files, `people` and `fees` make payers and their notices, `load` imports all of it.
`simulator` lets the payers pay: `payers` decides who pays what and when, `banks` how a bank writes it, `providers` how
a provider signs and reports it, `network` what is late, lost or sent twice; `truth` remembers what was really paid.
`summary` shows how far it has come, and `run` joins everything for `khop demo`.
"""
