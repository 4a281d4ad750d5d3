"""The parts of the `khop` command, one module a subject. They reach services over HTTP, as anyone would."""
