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

CREATE TEMPORARY TABLE eras AS
SELECT since, leadInFrame(since, 1, toDateTime64('2200-01-01 00:00:00', 6, 'UTC'))
    OVER (ORDER BY since ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS until
FROM (
    SELECT DISTINCT assumeNotNull(instant) AS since
    FROM (SELECT since AS instant FROM members UNION ALL SELECT until FROM members
        UNION ALL SELECT toDateTime64('1900-01-01 00:00:00', 6, 'UTC'))
    WHERE instant IS NOT NULL
);

CREATE TEMPORARY TABLE optins AS
SELECT opted_in, home, e.since AS since, e.until AS until, groupUniqArray(country) AS allowed
FROM tokens t CROSS JOIN eras e JOIN members m ON m.token = t.token
WHERE (m.since IS NULL OR m.since <= e.since) AND (m.until IS NULL OR e.since < m.until)
    AND e.until > toDateTime64('2020-04-18 00:00:00', 6, 'UTC')
GROUP BY opted_in, home, since, until;

CREATE TEMPORARY TABLE facts AS
SELECT e.event_at AS event_at, e.account_id AS account_id, e.meeting_id AS meeting_id, e.session_id AS session_id,
    e.route AS route, e.media_bytes AS media_bytes, ifNull(e.hop_role, 'processing') AS role,
    e.meeting_started_at AS started_at, a.plan = 'free' AND coalesce(a.billing_country, a.registered_country, a.home) = 'CN' AS is_free_mainland,
    arrayFilter(c -> NOT has(o.allowed, c), r.countries) AS outside
FROM file('{events}', Parquet) e
JOIN routes r ON r.route = e.route
JOIN {accounts} a ON a.account_id = e.account_id
JOIN optins o ON o.opted_in = a.opted_in AND o.home = a.home
WHERE e.meeting_started_at >= toDateTime64('2020-04-18 00:00:00', 6, 'UTC')
    AND (a.valid_from IS NULL OR a.valid_from <= e.meeting_started_at)
    AND (a.valid_to IS NULL OR e.meeting_started_at < a.valid_to)
    AND o.since <= e.event_at AND e.event_at < o.until
    AND (notEmpty(outside) OR is_free_mainland);

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
