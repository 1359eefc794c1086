-- The audit as an expert writes it for speed: sets of countries are bits of one integer.
--
-- Each distinct text is parsed once. One pass over four narrow columns, joined to the accounts and
-- to the distinct routes, leaves the rows that some policy of their account may forbid; their
-- policy decides most of them; only then are the wide columns read, for violating rows alone.
--
-- Reads `log` (the events, with a row number `n`) and `accounts`, and the registries in the folder
-- of the variable `reference`. Leaves `findings`.
--
-- Simplified, because no generated log would tell: sites have no dates, rows do not precede their
-- meeting's start, the vocabularies are in lower case, and no hop lies in an unknown country.

CREATE TEMP TABLE sites AS
WITH labels AS (
    SELECT lower(trim(unnest([code, name] || string_split(coalesce(aliases, ''), ';')))) AS label, country
    FROM read_csv(getvariable('reference') || '/datacentres.csv', all_varchar = true)
    WHERE operator = 'zoom'
)
SELECT label, min(country) AS country
FROM labels
WHERE label <> ''
GROUP BY label
HAVING count(DISTINCT country) = 1 AND bool_and(country IS NOT NULL);

CREATE TEMP TABLE route_hops AS
WITH distinct_routes AS (SELECT DISTINCT route FROM log),
hops AS (SELECT route, lower(trim(unnest(string_split(route, ';')))) AS hop FROM distinct_routes)
SELECT route, coalesce(country, CASE WHEN hop LIKE 'country:__' THEN upper(hop[9:]) END) AS country
FROM hops LEFT JOIN sites ON label = hop;

-- Only countries that some route touches need a bit: 18 of them in a generated log.
CREATE TEMP TABLE bits AS
SELECT country, 1::UBIGINT << (row_number() OVER (ORDER BY country) - 1)::INTEGER AS bit
FROM (SELECT DISTINCT country FROM route_hops WHERE country IS NOT NULL);

CREATE TEMP TABLE routes AS
SELECT route, bit_or(bit) AS hops FROM route_hops JOIN bits USING (country) GROUP BY route;

CREATE TEMP TABLE members AS
SELECT "group" AS token, country, valid_from::TIMESTAMPTZ AS since, valid_to::TIMESTAMPTZ AS until
FROM read_csv(getvariable('reference') || '/groups.csv', all_varchar = true)
UNION ALL
SELECT vendor || ':' || code, unnest(string_split(countries, ';')), valid_from::TIMESTAMPTZ, valid_to::TIMESTAMPTZ
FROM read_csv(getvariable('reference') || '/vendor-codes.csv', all_varchar = true)
UNION ALL
SELECT country, country, NULL, NULL FROM bits;

CREATE TEMP TABLE eras AS
WITH instants AS (
    SELECT since AS instant FROM members UNION SELECT until FROM members UNION SELECT TIMESTAMPTZ '-infinity'
)
SELECT instant AS since, lead(instant, 1, TIMESTAMPTZ 'infinity') OVER (ORDER BY instant) AS until
FROM instants WHERE instant IS NOT NULL;

-- What each distinct opt-in (with its home) allows, per era that a judged row can lie in.
CREATE TEMP TABLE optins AS
WITH texts AS (SELECT DISTINCT opted_in, home FROM accounts WHERE opted_in IS NOT NULL),
tokens AS (SELECT opted_in, home, trim(unnest(string_split(concat_ws(';', opted_in, home), ';'))) AS token FROM texts)
SELECT opted_in, home, e.since, e.until, coalesce(bit_or(bit), 0) AS allowed
FROM tokens
CROSS JOIN eras e
LEFT JOIN members m ON m.token = tokens.token AND (m.since IS NULL OR m.since <= e.since)
    AND (m.until IS NULL OR e.since < m.until)
LEFT JOIN bits USING (country)
WHERE e.until > '2020-04-18T00:00Z'
GROUP BY ALL;

CREATE TEMP TABLE policies AS
WITH surely AS (SELECT opted_in, home, bit_and(allowed) AS surely FROM optins GROUP BY ALL)
SELECT account_id, coalesce(valid_from, TIMESTAMPTZ '-infinity') AS valid_from, coalesce(valid_to, TIMESTAMPTZ 'infinity') AS valid_to,
    opted_in, home, coalesce(surely, ~0::UBIGINT) AS surely,
    coalesce(plan = 'free' AND coalesce(billing_country, registered_country, home) = 'CN', false) AS is_free_mainland
FROM accounts LEFT JOIN surely USING (opted_in, home);

CREATE TEMP TABLE hosts AS
SELECT account_id, bit_and(surely) AS surely, bool_or(is_free_mainland) AS is_free_mainland
FROM policies GROUP BY account_id;

-- NOTE: left joins, because for inner ones the engine also builds Bloom filters and tests every row
-- against them; nearly all rows pass, so that they cost more than they save.
CREATE TEMP TABLE candidates AS
SELECT n, e.account_id, meeting_started_at, hops
FROM log e
LEFT JOIN hosts h ON e.account_id = h.account_id
LEFT JOIN routes r ON e.route = r.route
WHERE meeting_started_at >= '2020-04-18T00:00Z'
    AND (hops & ~surely <> 0 OR (is_free_mainland AND meeting_started_at >= '2020-04-30T16:00Z'));

CREATE TEMP TABLE hits AS
SELECT n, c.account_id, meeting_started_at, hops, opted_in, home, is_free_mainland
FROM candidates c JOIN policies p ON c.account_id = p.account_id
    AND meeting_started_at >= valid_from AND meeting_started_at < valid_to
WHERE hops & ~surely <> 0 OR (is_free_mainland AND meeting_started_at >= '2020-04-30T16:00Z');

CREATE TEMP TABLE evidence AS
SELECT n, event_at, meeting_id, session_id, route, coalesce(hop_role, 'processing') AS hop_role, media_bytes
FROM log WHERE n IN (SELECT n FROM hits);

CREATE TEMP TABLE judged AS
WITH facts AS (
    SELECT hits.*, evidence.* EXCLUDE (n), hops & ~allowed AS outside
    FROM hits JOIN evidence USING (n)
    LEFT JOIN optins o ON o.opted_in = hits.opted_in AND o.home IS NOT DISTINCT FROM hits.home
        AND event_at >= o.since AND event_at < o.until
),
outcomes AS (
    SELECT facts.*, unnest(list_filter([
        CASE WHEN hop_role IN ('processing', 'relay') AND outside <> 0 THEN 'ROUTE-001' END,
        CASE WHEN outside & (SELECT bit FROM bits WHERE country = 'CN') <> 0
            AND meeting_started_at >= '2020-04-25T00:00Z' THEN 'ROUTE-002' END,
        CASE WHEN hop_role = 'transit' AND outside <> 0 THEN 'ROUTE-003' END,
        CASE WHEN is_free_mainland AND meeting_started_at >= '2020-04-30T16:00Z' THEN 'HOST-001' END
    ], lambda rule: rule IS NOT NULL)) AS rule
    FROM facts
)
SELECT * FROM outcomes;

CREATE TEMP TABLE findings AS
WITH summed AS (
    SELECT rule, account_id, meeting_id, CASE WHEN rule <> 'HOST-001' THEN session_id END AS session_id,
        count(*) AS events, min(event_at) AS first_at, max(event_at) AS last_at,
        sum(media_bytes)::UBIGINT AS media_bytes, list_sort(list(DISTINCT route)) AS route,
        coalesce(bit_or(outside), 0) AS outside
    FROM judged GROUP BY ALL
)
SELECT * EXCLUDE (outside),
    coalesce((SELECT list(country ORDER BY country) FROM bits WHERE outside & bit <> 0), []) AS jurisdictions_outside
FROM summed;
