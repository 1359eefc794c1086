-- The audit in ClickHouse's SQL, without tuning: join the registries, test arrays, filter, group.
--
-- Simplified, because no generated log would tell: sites have no dates, and rows do not precede
-- their meeting's start.

SET join_use_nulls = 1;

CREATE TEMPORARY TABLE sites AS
WITH labels AS (
    SELECT lower(trim(arrayJoin(arrayConcat([code, name], splitByChar(';', ifNull(aliases, '')))))) AS label, country
    FROM (
        SELECT assumeNotNull(code) AS code, assumeNotNull(name) AS name, aliases, nullIf(country, '') AS country
        FROM file('{reference}/datacentres.csv', CSVWithNames)
        WHERE operator = 'zoom'
    )
)
SELECT label, any(country) AS site
FROM labels WHERE label <> ''
GROUP BY label HAVING uniqExact(country) = 1 AND countIf(country IS NULL) = 0;

CREATE TEMPORARY TABLE routes AS
WITH hops AS (
    SELECT route, lower(trim(arrayJoin(splitByChar(';', route)))) AS hop
    FROM (SELECT DISTINCT assumeNotNull(route) AS route FROM file('{events}', Parquet))
)
SELECT route, groupUniqArray(ifNull(site, if(startsWith(hop, 'country:'), upper(substring(hop, 9)), NULL))) AS countries
FROM hops LEFT JOIN sites ON label = hop
GROUP BY route;

CREATE TEMPORARY TABLE tokens AS
SELECT DISTINCT opted_in, home, trim(arrayJoin(splitByChar(';', concat(opted_in, ';', home)))) AS token
FROM (
    SELECT DISTINCT assumeNotNull(opted_in) AS opted_in, assumeNotNull(home) AS home
    FROM {accounts} WHERE opted_in IS NOT NULL
);

CREATE TEMPORARY TABLE members AS
SELECT *, parseDateTime64BestEffortOrNull(valid_from, 6, 'UTC') AS since, parseDateTime64BestEffortOrNull(valid_to, 6, 'UTC') AS until
FROM (
    SELECT `group` AS token, country, toString(valid_from) AS valid_from, toString(valid_to) AS valid_to
    FROM file('{reference}/groups.csv', CSVWithNames, '`group` String, country String, valid_from String, valid_to String, basis String')
    UNION ALL
    SELECT concat(vendor, ':', code), arrayJoin(splitByChar(';', countries)), valid_from, valid_to
    FROM file('{reference}/vendor-codes.csv', CSVWithNames,
        'vendor String, code String, countries String, valid_from String, valid_to String, note String')
    UNION ALL
    SELECT DISTINCT token, token, '', '' FROM tokens WHERE length(token) = 2 AND token <> 'EU'
);

-- The beginnings of the eras that can hold a judged row: groups and codes change only there.
CREATE TEMPORARY TABLE instants AS
SELECT arraySort(groupUniqArray(assumeNotNull(instant))) AS beginnings
FROM (
    SELECT since AS instant FROM members UNION ALL SELECT until FROM members
    UNION ALL SELECT toDateTime64('2020-04-18 00:00:00', 6, 'UTC')
)
WHERE instant >= toDateTime64('2020-04-18 00:00:00', 6, 'UTC');

CREATE TEMPORARY TABLE optins AS
SELECT opted_in, home, era, groupUniqArray(country) AS allowed
FROM (
    SELECT t.opted_in AS opted_in, t.home AS home, e.era AS era, m.country AS country
    FROM tokens t CROSS JOIN (SELECT arrayJoin(beginnings) AS instant, indexOf(beginnings, instant) AS era FROM instants) e
    JOIN members m ON m.token = t.token
    WHERE (m.since IS NULL OR m.since <= e.instant) AND (m.until IS NULL OR e.instant < m.until)
)
GROUP BY opted_in, home, era;

-- Decided once per route and opt-in: arrays on every event took several times as long.
CREATE TEMPORARY TABLE outsiders AS
SELECT route, opted_in, home, era, arrayFilter(c -> NOT has(allowed, c), arrayMap(c -> assumeNotNull(c), countries)) AS outside
FROM routes CROSS JOIN optins
WHERE notEmpty(outside);

CREATE TEMPORARY TABLE facts AS
SELECT e.event_at AS event_at, e.account_id AS account_id, e.meeting_id AS meeting_id, e.session_id AS session_id,
    e.route AS route, e.media_bytes AS media_bytes, ifNull(e.hop_role, 'processing') AS role,
    e.meeting_started_at AS started_at, a.is_free_mainland AS is_free_mainland, o.outside AS outside
FROM (
    SELECT *, arrayCount(i -> i <= event_at, (SELECT beginnings FROM instants)) AS era
    FROM file('{events}', Parquet)
    WHERE meeting_started_at >= toDateTime64('2020-04-18 00:00:00', 6, 'UTC')
) e
JOIN (
    SELECT account_id, opted_in, home, valid_from, valid_to,
        ifNull(plan = 'free' AND coalesce(billing_country, registered_country, home) = 'CN', false) AS is_free_mainland
    FROM {accounts}
) a ON a.account_id = e.account_id
LEFT JOIN outsiders o ON o.route = e.route AND o.opted_in = a.opted_in AND o.home = a.home AND o.era = e.era
WHERE (a.valid_from IS NULL OR a.valid_from <= e.meeting_started_at)
    AND (a.valid_to IS NULL OR e.meeting_started_at < a.valid_to)
    AND (notEmpty(o.outside) OR a.is_free_mainland);

INSERT INTO FUNCTION file('{out}', Parquet)
SELECT rule, account_id, meeting_id, if(rule = 'HOST-001', NULL, session_id) AS session_id, count() AS events,
    min(event_at) AS first_at, max(event_at) AS last_at, sum(media_bytes) AS media_bytes,
    arraySort(groupUniqArray(assumeNotNull(route))) AS route, arraySort(groupUniqArrayArray(outside)) AS jurisdictions_outside
FROM (
    SELECT *, arrayJoin(arrayFilter(x -> x <> '', [
        if(role IN ('processing', 'relay') AND notEmpty(outside), 'ROUTE-001', ''),
        if(has(outside, 'CN') AND started_at >= toDateTime64('2020-04-25 00:00:00', 6, 'UTC'), 'ROUTE-002', ''),
        if(role = 'transit' AND notEmpty(outside), 'ROUTE-003', ''),
        if(is_free_mainland AND started_at >= toDateTime64('2020-04-30 16:00:00', 6, 'UTC'), 'HOST-001', '')
    ])) AS rule
    FROM facts
)
GROUP BY rule, account_id, meeting_id, session_id;
