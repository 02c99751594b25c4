using System.CommandLine;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The flags that narrow who is a candidate.</summary>
internal sealed class FilterFlags
{
    private readonly Option<string?> _sector = Flags.Text("--sector", "Only issuers of this sector");
    private readonly Option<string?> _country = Flags.Text("--country", "Only issuers of this country");
    private readonly Option<string?> _marketId = Flags.Text("--market-id", "Only issuers of this market");
    private readonly Option<string?> _region = Flags.Text("--region", "Only issuers of this region");

    public Option[] All => [_sector, _country, _marketId, _region];

    public SimilarityFilter Of(ParseResult parsed) => new(
        Sector: parsed.GetValue(_sector), Country: parsed.GetValue(_country), MarketId: parsed.GetValue(_marketId), Region: parsed.GetValue(_region));
}
