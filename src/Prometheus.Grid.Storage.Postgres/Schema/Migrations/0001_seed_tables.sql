-- The tables of the seed, where they are missing. A table that exists is left as it is.

CREATE TABLE IF NOT EXISTS markets (
    market_id  varchar(64) PRIMARY KEY,
    name       text,
    region     varchar(64),
    timezone   varchar(64),
    metadata   jsonb
);

CREATE TABLE IF NOT EXISTS issuers (
    issuer_id   varchar(64) PRIMARY KEY,
    issuer_type varchar(64),
    name        text,
    country     varchar(64),
    sector      text,
    industry    text,
    metadata    jsonb
);

CREATE TABLE IF NOT EXISTS instruments (
    instrument_id varchar(64) PRIMARY KEY,
    issuer_id     varchar(64),
    market_id     varchar(64),
    asset_class   varchar(64),
    symbol        varchar(64),
    exchange      varchar(64),
    currency      varchar(64),
    status        varchar(64),
    metadata      jsonb
);

CREATE TABLE IF NOT EXISTS prices_daily (
    instrument_id  varchar(64) NOT NULL,
    trade_date     date NOT NULL,
    open           double precision,
    high           double precision,
    low            double precision,
    close          double precision,
    adjusted_close double precision,
    volume         double precision,
    currency       varchar(64),
    metadata       jsonb,
    PRIMARY KEY (instrument_id, trade_date)
);

CREATE TABLE IF NOT EXISTS profiles (
    profile_id           bigserial PRIMARY KEY,
    issuer_id            varchar(64) NOT NULL,
    as_of_date           date NOT NULL,
    structured           jsonb,
    embedding_vector_ref text,
    risk_flags           jsonb,
    created_at           timestamptz NOT NULL DEFAULT now(),
    UNIQUE (issuer_id, as_of_date)
);

CREATE TABLE IF NOT EXISTS portfolio_risk_reports (
    report_id           bigserial PRIMARY KEY,
    portfolio_id        varchar(64) NOT NULL,
    as_of_date          date NOT NULL,
    portfolio_value     double precision,
    cash                double precision,
    net_exposure        double precision,
    gross_exposure      double precision,
    leverage            double precision,
    risk_metrics        jsonb,
    scenario_pnl        jsonb,
    exposures_by_sector jsonb,
    exposures_by_factor jsonb,
    metadata            jsonb,
    created_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS numeric_window_embeddings (
    embedding_id bigserial PRIMARY KEY,
    entity_type  varchar(50) NOT NULL,
    entity_id    varchar(64) NOT NULL,
    window_spec  jsonb NOT NULL,
    as_of_date   date NOT NULL,
    model_id     varchar(64) NOT NULL,
    vector       bytea,
    vector_ref   text,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS text_embeddings (
    embedding_id bigserial PRIMARY KEY,
    source_type  varchar(50) NOT NULL,
    source_id    varchar(128) NOT NULL,
    model_id     varchar(64) NOT NULL,
    vector       bytea,
    vector_ref   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_type, source_id, model_id)
);

CREATE TABLE IF NOT EXISTS joint_embeddings (
    joint_id     bigserial PRIMARY KEY,
    joint_type   varchar(50) NOT NULL,
    as_of_date   date NOT NULL,
    entity_scope jsonb NOT NULL,
    model_id     varchar(64) NOT NULL,
    vector       bytea,
    vector_ref   text,
    created_at   timestamptz NOT NULL DEFAULT now()
);
