using Prometheus.Grid.Synthetic;

namespace Prometheus.Grid.Faults.Harness;

/// <summary>A made-up market in a folder of its own, for clusters under faults.</summary>
internal sealed class FaultMarket : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("grid-faults-").FullName;

    public static async Task<FaultMarket> WriteAsync(CancellationToken cancellationToken)
    {
        var market = new FaultMarket();
        var options = new SyntheticMarketOptions
        {
            Issuers = 40,
            Portfolios = 1,
            FirstDate = new DateOnly(2023, 1, 2),
            LastDate = BackfillWatch.Dates.End,
            ReportDates = [BackfillWatch.Dates.End],
        };
        await SyntheticMarket.WriteAsync(market.Folder, options, cancellationToken: cancellationToken);
        return market;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
