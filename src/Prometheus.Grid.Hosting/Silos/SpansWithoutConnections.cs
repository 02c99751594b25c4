using System.Diagnostics;
using OpenTelemetry;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Takes the connection string off the spans of the driver, which names a pool by it; the address of the server and the database stand there anyway.</summary>
internal sealed class SpansWithoutConnections : BaseProcessor<Activity>
{
    private const string Pool = "db.npgsql.data_source";

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == "Npgsql" && data.GetTagItem(Pool) is not null)
            data.SetTag(Pool, null);
    }
}
