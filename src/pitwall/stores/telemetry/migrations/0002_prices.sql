-- What the mapping of telemetry to the normal form needs besides the target tables. `ingest/pricing/lookup.py` fills the
-- price tables, `ingest/mapping/views.py` the mapping versions.

CREATE TABLE mapping_versions
(
    version    UInt32,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY version;

CREATE TABLE price_books
(
    version      String,
    installed_at DateTime64(9, 'UTC') DEFAULT now64(9)
)
ENGINE = MergeTree
ORDER BY installed_at;

-- `provider model` in lower case, one blank between.
CREATE TABLE price_names
(
    name     String,
    model_id UInt32
)
ENGINE = MergeTree
ORDER BY name;

-- The form that a dictionary of regular expressions wants.
CREATE TABLE price_patterns
(
    id        UInt64,
    parent_id UInt64,
    regexp    String,
    keys      Array(String),
    values    Array(String)
)
ENGINE = MergeTree
ORDER BY id;

-- Picodollars (1e-12 USD) per token: input, cache read, cache write, output, reasoning; base rates first, then by tier: a
-- call with more input tokens than tier_starts[n] pays rates[n + 1].
CREATE TABLE prices
(
    model_id    UInt64,
    valid_from  Date,
    valid_to    Date,
    tier_starts Array(UInt32),
    rates       Array(Array(UInt64)),
    per_request UInt64,
    per_second  UInt64,
    source      String
)
ENGINE = MergeTree
ORDER BY (model_id, valid_from);

CREATE DICTIONARY model_names
(
    name     String,
    model_id UInt32 DEFAULT 0
)
PRIMARY KEY name
SOURCE(CLICKHOUSE(TABLE 'price_names'))
LAYOUT(COMPLEX_KEY_HASHED())
LIFETIME(0);

CREATE DICTIONARY model_patterns
(
    regexp   String,
    model_id UInt32 DEFAULT 0
)
PRIMARY KEY regexp
SOURCE(CLICKHOUSE(TABLE 'price_patterns'))
LAYOUT(REGEXP_TREE())
LIFETIME(0);

CREATE DICTIONARY model_prices
(
    model_id    UInt64,
    valid_from  Date,
    valid_to    Date,
    tier_starts Array(UInt32),
    rates       Array(Array(UInt64)),
    per_request UInt64,
    per_second  UInt64,
    source      String
)
PRIMARY KEY model_id
SOURCE(CLICKHOUSE(TABLE 'prices'))
LAYOUT(RANGE_HASHED())
RANGE(MIN valid_from MAX valid_to)
LIFETIME(0);
