"""`khop up`: an embedded PostgreSQL, an embedded Kafka and the supervisor of the services, all under one state folder.

Read in this order: `supervisor` (what happens), `postgres` and `kafka` (the two programs), `services`, `process` and
`stopping` (children), `state` (what stands in the folder), `status` (what `khop ps` reads).
"""
