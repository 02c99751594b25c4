using System.CommandLine;
using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Backfill;

namespace Prometheus.Grid.Cli.Commands;

/// <summary><c>grid backfill-numeric-embeddings</c>: price windows of instruments.</summary>
internal sealed class BackfillNumericCommand : BackfillCommand
{
    private readonly DateFlags _dates;
    private readonly Option<int?> _windowDays = Flags.Positive("--window-days", "Trading days in the window (63 for numeric-simple-v1, else the model's own)");
    private readonly Option<string?> _marketId = Flags.Text("--market-id", "Only instruments of this market (all markets unless said)");
    private readonly Option<string?> _market = Flags.Text("--market", "The seed's other name for --market-id");
    private readonly Option<string[]> _instrumentIds = Flags.Repeatable("--instrument-id", "This instrument; may be repeated");
    private readonly Option<int?> _limit = Flags.Positive("--limit", "At most this many instruments (all unless said)");
    private readonly Option<int?> _offset = Flags.NotNegative("--offset", "Pass over this many instruments first", 0);
    private readonly Option<string> _modelId = Flags.Text("--model-id", "The numeric model", "numeric-simple-v1");

    public BackfillNumericCommand()
        : base("backfill-numeric-embeddings", "Build numeric vectors of instruments from their prices",
            "grid backfill-numeric-embeddings --as-of 2023-11-30 --window-days 126 --model-id num-profile-core-v1 --market-id US_EQ",
            "grid backfill-numeric-embeddings --start 2023-11-01 --end 2023-11-30 --model-id num-regime-core-v1")
    {
        _dates = new DateFlags(this);
        foreach (var option in (Option[])[_windowDays, _marketId, _market, _instrumentIds, _limit, _offset, _modelId])
            Options.Add(option);
    }

    protected override BackfillRequest Request(ParseResult parsed) => new NumericBackfill
    {
        ModelId = parsed.GetValue(_modelId)!,
        Dates = _dates.Of(parsed),
        WindowDays = parsed.GetValue(_windowDays),
        MarketId = parsed.GetValue(_marketId) ?? parsed.GetValue(_market),
        InstrumentIds = parsed.GetValue(_instrumentIds)!,
        Limit = parsed.GetValue(_limit),
        Offset = parsed.GetValue(_offset)!.Value,
    };
}
