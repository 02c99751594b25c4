using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Storage.Postgres.Vectors;

/// <summary>
/// Where the rows of one kind live in the seed's tables, as pieces of SQL. In them <c>t</c> is the table, <c>p</c> the row of
/// grid_partitions and <c>n</c> a row of grid_pending_vectors.
/// </summary>
internal sealed record VectorTable
{
    private const string JointScope = """
        jsonb_strip_nulls(@spec::jsonb || jsonb_build_object(
            CASE @spec::jsonb ->> 'entity_type' WHEN 'PORTFOLIO' THEN 'portfolio_id' ELSE 'issuer_id' END, n.entity_id,
            'grid_entity_id', CASE WHEN p.scope NOT IN ('PROFILE_CORE_V0', 'PORTFOLIO_CORE_V0') THEN n.entity_id END,
            'instrument_id', nullif(n.instrument_id, ''), 'region', nullif(n.region, ''), 'source', n.source, 'as_of_date', to_char(p.as_of_date, 'YYYY-MM-DD')))
        """;

    private const string JointEntityId = "grid_joint_entity_id(t.joint_type, t.entity_scope)";

    /// <summary>The table.</summary>
    public required string Name { get; init; }

    /// <summary>The condition that a row is of the partition whose scope, model_id and as_of_date the relation of the given name has.</summary>
    public required Func<string, string> RowsOf { get; init; }

    /// <summary>What <see cref="RowsOf"/> says beyond the entity, where the key of an entity says part of it; null where it does not.</summary>
    public Func<string, string>? RowsOfAnyDate { get; init; }

    /// <summary>The condition that a row is of the entity of <c>n</c>, on the date of the relation of the given name.</summary>
    public required Func<string, string> RowOfEntity { get; init; }

    /// <summary>Picks the rows of partition <c>p</c>.</summary>
    public string OfPartition => RowsOf("p");

    /// <summary>The entity of a row.</summary>
    public required string EntityId { get; init; }

    /// <summary>The condition that a row is of an entity in the array <c>@ids</c>, so that an index finds it.</summary>
    public required string OfWantedEntities { get; init; }

    /// <summary>The row of the entity of <c>n</c>.</summary>
    public string OfPendingEntity => RowOfEntity("p");

    /// <summary>
    /// The row of the entity of <c>n</c> where <c>n</c> has the columns of <c>p</c> too. With one relation to join there is one way, the whole key
    /// of the unique index; with two the planner took the part that <c>p</c> gives wherever it had no statistics of the date, and read all rows of the
    /// partition for a few.
    /// </summary>
    public string OfPendingRow => $"{(RowsOfAnyDate ?? RowsOf)("n")} AND {RowOfEntity("n")}";

    /// <summary>Representative instrument, region and source of a row.</summary>
    public required (string InstrumentId, string Region, string Source) Header { get; init; }

    /// <summary>The columns that say whose row it is and of what, and their values for <c>n</c>.</summary>
    public required (string Columns, string Values) Key { get; init; }

    /// <summary>The unique index that an upsert meets.</summary>
    public required string ConflictKey { get; init; }

    /// <summary>Columns beside the vector that an upsert replaces.</summary>
    public required string[] Replaced { get; init; }

    /// <summary>
    /// What an update sets of them, by row number: for <c>n</c>, whose columns beginning with <c>old_</c> are those of <c>t</c> now. What stays as it is
    /// need not be made again, and leaves the indexes alone.
    /// </summary>
    public required string Updated { get; init; }

    /// <summary>Whether grid_joint_changes says which rows changed.</summary>
    public bool HasChangeLog { get; init; }

    /// <summary>The number by which an index finds the rows of a bucket; empty where nobody asks for buckets.</summary>
    public string Place { get; init; } = "";

    /// <summary>When a row became known; rows of the seed's own programs say it in created_at.</summary>
    public const string KnownAt = "coalesce(t.known_at, t.created_at, '-infinity')";

    /// <summary>The condition that the row of <c>n</c> says something else than <c>t</c>.</summary>
    public string Differs =>
        $"(t.vector IS DISTINCT FROM n.vector OR (coalesce({Header.InstrumentId}, ''), coalesce({Header.Region}, ''), coalesce({Header.Source}, '')) <> (n.instrument_id, n.region, n.source))";

    /// <summary>Prices of instruments and reports of portfolios.</summary>
    private static readonly VectorTable s_numeric = new()
    {
        Name = "numeric_window_embeddings",
        RowsOf = p => $"t.entity_type = {p}.scope AND t.model_id = {p}.model_id AND t.as_of_date = {p}.as_of_date",
        EntityId = "t.entity_id",
        OfWantedEntities = "t.entity_id = ANY (@ids)",
        RowOfEntity = _ => "t.entity_id = n.entity_id",
        Header = ("t.row_header ->> 'instrument_id'", "t.row_header ->> 'region'", "t.row_header ->> 'source'"),
        Key = (
            "entity_type, model_id, as_of_date, entity_id, window_spec, row_header",
            $"p.scope, p.model_id, p.as_of_date, n.entity_id, @spec::jsonb, {HeaderUnless("''")}"),
        ConflictKey = "entity_type, model_id, as_of_date, entity_id",
        Replaced = ["window_spec", "row_header"],
        Updated = $"window_spec = @spec::jsonb, row_header = {HeaderUnless("''")}",
    };

    /// <summary>Texts of issuers; the seed writes issuer and date as one id.</summary>
    private static readonly VectorTable s_text = new()
    {
        Name = "text_embeddings",
        RowsOf = p => $"t.source_type = {p}.scope AND t.model_id = {p}.model_id AND right(t.source_id, 10) = {AsOfText(p)}",
        RowsOfAnyDate = p => $"t.source_type = {p}.scope AND t.model_id = {p}.model_id",
        EntityId = "left(t.source_id, -11)",
        // An array of its own, computed once: joined to the ids, all rows of the date were read for one of them.
        OfWantedEntities = "t.source_id = ANY (ARRAY (SELECT id || ':' || to_char(@as_of, 'YYYY-MM-DD') FROM unnest(@ids) id))",
        RowOfEntity = p => $"t.source_id = n.entity_id || ':' || {AsOfText(p)}",
        Header = ("t.row_header ->> 'instrument_id'", "t.row_header ->> 'region'", "coalesce(t.row_header ->> 'source', t.source_type)"),
        Key = ("source_type, source_id, model_id, row_header", $"p.scope, n.entity_id || ':' || {AsOfText("p")}, p.model_id, {HeaderUnless("p.scope")}"),
        ConflictKey = "source_type, source_id, model_id",
        Replaced = ["row_header"],
        Updated = $"row_header = {HeaderUnless("p.scope")}",
    };

    /// <summary>Joint vectors; the seed keeps everything about the entity in one JSON object.</summary>
    private static readonly VectorTable s_joint = new()
    {
        Name = "joint_embeddings",
        HasChangeLog = true,
        Place = $"grid_place({JointEntityId}, t.joint_type, t.model_id, t.as_of_date)",
        RowsOf = p => $"t.joint_type = {p}.scope AND t.model_id = {p}.model_id AND t.as_of_date = {p}.as_of_date",
        EntityId = JointEntityId,
        OfWantedEntities = $"{JointEntityId} = ANY (@ids)",
        RowOfEntity = _ => $"{JointEntityId} = n.entity_id",
        Header = ("t.entity_scope ->> 'instrument_id'", "t.entity_scope ->> 'region'", "t.entity_scope ->> 'source'"),
        Key = ("joint_type, model_id, as_of_date, entity_scope", $"p.scope, p.model_id, p.as_of_date, {JointScope}"),
        ConflictKey = "joint_type, model_id, as_of_date, grid_joint_entity_id(joint_type, entity_scope)",
        Replaced = ["entity_scope"],
        // Rows of the seed, which have no checksum, keep in their scope what only they know.
        Updated = $"""
            entity_scope = CASE WHEN n.old_vector_crc32c IS NOT NULL
                AND (coalesce(n.old_instrument_id, ''), coalesce(n.old_region, ''), coalesce(n.old_source, '')) = (n.instrument_id, n.region, n.source)
                THEN t.entity_scope ELSE {JointScope} END
            """,
    };

    private static string AsOfText(string relation) => $"to_char({relation}.as_of_date, 'YYYY-MM-DD')";

    private static string HeaderUnless(string usualSource) => $"""
        CASE WHEN (n.instrument_id, n.region, n.source) <> ('', '', {usualSource})
        THEN jsonb_build_object('instrument_id', n.instrument_id, 'region', n.region, 'source', n.source) END
        """;

    /// <summary>The table of a kind.</summary>
    public static VectorTable Of(BranchKind kind) => kind switch
    {
        BranchKind.Numeric => s_numeric,
        BranchKind.Text => s_text,
        BranchKind.Joint => s_joint,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };
}
