using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid find-similar-profiles</c>.</summary>
internal sealed class FindSimilarProfilesCommand : FindSimilarCommand
{
    private static readonly Option<string?> s_text = Flags.Text("--text", "Search issuers whose business is like this text; with --issuer-id, beside its other branches");
    private static readonly FilterFlags s_filters = new();
    private static readonly Option<int?> s_maxPerSector = Flags.Positive("--max-per-sector", "At most this many neighbours of a sector");

    public FindSimilarProfilesCommand()
        : base("find-similar-profiles", "Find the issuers most like one, exactly", "--issuer-id", "joint-profile-core-v1",
            [s_text], [.. s_filters.All, s_maxPerSector],
            "grid find-similar-profiles --issuer-id ISS_AAPL --as-of 2023-11-30 --top-k 5 --format table",
            "grid find-similar-profiles --issuer-id ISS_AAPL --as-of 2023-11-30 --weights text=0.7,numeric=0.3 --explain",
            "grid find-similar-profiles --text \"offshore wind farms\" --as-of 2023-11-30 --country Germany",
            "grid find-similar-profiles --issuer-id ISS_AAPL --as-of 2023-11-30 --exclude ISS_MSFT --max-per-sector 3 --basket similarity",
            "grid find-similar-profiles --issuer-id ISS_AAPL --as-of 2023-11-30 --start 2021-01-01 --end 2023-11-30")
    {
    }

    protected override EntityKind Entity => EntityKind.Issuer;

    protected override string[] Columns => ["cosine", "euclidean", "issuer_id", "instrument_id", "region", "source"];

    protected override object?[] Cells(SimilarityHit hit) => [hit.Cosine, hit.Euclidean, hit.EntityId, hit.InstrumentId, hit.Region, hit.Source];

    protected override SimilarityFilter Filter(ParseResult parsed) => s_filters.Of(parsed);

    protected override int? MaxPerSector(ParseResult parsed) => parsed.GetValue(s_maxPerSector);

    protected override SimilarityTarget? OwnTarget(ParseResult parsed, string? entityId) =>
        parsed.GetValue(s_text) is { } text ? new SimilarityTarget.Text(text, entityId) : null;
}
