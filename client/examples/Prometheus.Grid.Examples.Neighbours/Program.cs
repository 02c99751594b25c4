// Who looks like this issuer, and why: GRID_POSTGRES=… dotnet run -- ISS_AAPL 2023-11-30 joint-profile-core-v2
using System.Globalization;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

if (args is not [var entityId, var date, var modelId] || !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var asOf))
{
    Console.Error.WriteLine("usage: neighbours ENTITY-ID DATE JOINT-MODEL-ID");
    return 2;
}
using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
try
{
    var connection = new ClusterConnection { Postgres = Environment.GetEnvironmentVariable("GRID_POSTGRES"), Tls = ClusterTls.FromEnvironment(), OnWaiting = Console.Error.WriteLine };
    await using var grid = await connection.OpenAsync(patience.Token);
    var answer = await grid.FindSimilarAsync(
        new SimilarityQuery
        {
            Target = new SimilarityTarget.Entity(entityId),
            AsOf = asOf,
            ModelId = modelId,
            Explain = true,
        },
        patience.Token);
    foreach (var hit in answer.Hits)
    {
        string why = string.Join(' ', hit.Explanation.Select(share => string.Create(CultureInfo.InvariantCulture, $"{share.Branch}={share.Share:F3}")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{hit.Cosine:F6} {hit.EntityId} {why}"));
    }
    return 0;
}
catch (Exception error)
{
    // One line; the rest of it with GRID_VERBOSE=1.
    Console.Error.WriteLine(Environment.GetEnvironmentVariable("GRID_VERBOSE") is null ? error.Message : error.ToString());
    return error is GridFaultException { CanRetry: true } or OperationCanceledException ? 75 : 1; // 75: try again later, as sysexits.h has it.
}
