-- The audit as a good analyst writes it, without tuning: join the registries, test the lists of
-- countries, filter and group.
--
-- Reads `events` and `accounts`, and the registries in the folder of the variable `reference`.
-- Leaves `findings`.
--
-- Simplified, because no generated log would tell: sites have no dates, and rows do not precede
-- their meeting's start.

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

CREATE TEMP TABLE routes AS
WITH hops AS (
    SELECT route, lower(trim(unnest(string_split(route, ';')))) AS hop
    FROM (SELECT DISTINCT route FROM events)
)
SELECT route, list(DISTINCT coalesce(country, CASE WHEN hop LIKE 'country:__' THEN upper(hop[9:]) END)) AS countries
FROM hops LEFT JOIN sites ON label = hop
GROUP BY route;

CREATE TEMP TABLE members AS
SELECT "group" AS token, country, valid_from::TIMESTAMPTZ AS since, valid_to::TIMESTAMPTZ AS until
FROM read_csv(getvariable('reference') || '/groups.csv', all_varchar = true)
UNION ALL
SELECT vendor || ':' || code, unnest(string_split(countries, ';')), valid_from::TIMESTAMPTZ, valid_to::TIMESTAMPTZ
FROM read_csv(getvariable('reference') || '/vendor-codes.csv', all_varchar = true)
UNION ALL
SELECT DISTINCT token, token, NULL::TIMESTAMPTZ, NULL::TIMESTAMPTZ
FROM (SELECT trim(unnest(string_split(concat_ws(';', opted_in, home), ';'))) AS token FROM accounts)
WHERE length(token) = 2 AND token <> 'EU';

CREATE TEMP TABLE eras AS
WITH instants AS (
    SELECT since AS instant FROM members UNION SELECT until FROM members UNION SELECT TIMESTAMPTZ '-infinity'
)
SELECT instant AS since, lead(instant, 1, TIMESTAMPTZ 'infinity') OVER (ORDER BY instant) AS until
FROM instants WHERE instant IS NOT NULL;

-- The countries that each opt-in (with its home) allows, per span between changes of any group.
CREATE TEMP TABLE optins AS
WITH texts AS (SELECT DISTINCT opted_in, home FROM accounts WHERE opted_in IS NOT NULL),
tokens AS (SELECT opted_in, home, trim(unnest(string_split(concat_ws(';', opted_in, home), ';'))) AS token FROM texts)
SELECT opted_in, home, e.since, e.until, list(DISTINCT country) AS allowed
FROM tokens
CROSS JOIN eras e
JOIN members m ON m.token = tokens.token AND (m.since IS NULL OR m.since <= e.since)
    AND (m.until IS NULL OR e.since < m.until)
WHERE e.until > '2020-04-18T00:00Z'
GROUP BY ALL;

CREATE TEMP TABLE facts AS
SELECT e.*, plan, coalesce(billing_country, registered_country, a.home) AS country,
    list_filter(countries, lambda c: NOT list_contains(allowed, c)) AS outside
FROM events e
JOIN routes USING (route)
JOIN accounts a ON a.account_id = e.account_id
    AND (a.valid_from IS NULL OR a.valid_from <= e.meeting_started_at)
    AND (a.valid_to IS NULL OR e.meeting_started_at < a.valid_to)
LEFT JOIN optins o ON o.opted_in = a.opted_in AND o.home = a.home
    AND e.event_at >= o.since AND e.event_at < o.until
WHERE e.meeting_started_at >= '2020-04-18T00:00Z'
    AND (len(outside) > 0 OR (plan = 'free' AND country = 'CN'));

CREATE TEMP TABLE violations AS
SELECT 'ROUTE-001' AS rule, * FROM facts
WHERE coalesce(hop_role, 'processing') IN ('processing', 'relay') AND len(outside) > 0
UNION ALL
SELECT 'ROUTE-002', * FROM facts
WHERE list_contains(outside, 'CN') AND meeting_started_at >= '2020-04-25T00:00Z'
UNION ALL
SELECT 'ROUTE-003', * FROM facts WHERE hop_role = 'transit' AND len(outside) > 0
UNION ALL
SELECT 'HOST-001', * REPLACE (NULL AS session_id) FROM facts
WHERE plan = 'free' AND country = 'CN' AND meeting_started_at >= '2020-05-01T00:00+08:00';

CREATE TEMP TABLE findings AS
SELECT rule, account_id, meeting_id, session_id, count(*) AS events, min(event_at) AS first_at, max(event_at) AS last_at,
    sum(media_bytes)::UBIGINT AS media_bytes, list_sort(list(DISTINCT route)) AS route,
    list_sort(list_distinct(flatten(list(outside)))) AS jurisdictions_outside
FROM violations
GROUP BY rule, account_id, meeting_id, session_id;
