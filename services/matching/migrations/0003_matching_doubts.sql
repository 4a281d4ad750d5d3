-- A transaction that may be one that was told already: nothing is paid from it before a person says.
-- depends: 0002_matching_words

-- migrate: apply

alter table credits add possible_duplicate_of text;

-- migrate: rollback

alter table credits drop column possible_duplicate_of;
