using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus.Grid.Core.Diagnosis;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Hosting.Silos;
using Prometheus.Grid.Http;

namespace Prometheus.Grid.Hosting.Server;

/// <summary>How a member is: itself, the others as it sees them, its store, and its settings.</summary>
internal sealed class ServerDiagnosis(
    IGridStore store, SiloSettings settings, IConfiguration configuration, GridHttpOptions http, HealthCheckService health, IClusterMembershipService membership,
    ILocalSiloDetails here) : IDiagnosis
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding> { Version(), await ReadyAsync(cancellationToken) };
        findings.AddRange(Members());
        findings.AddRange(await StoreDiagnosis.OfAsync(store, cancellationToken));
        // Of a member on Postgres the disk holds models and its temporary files.
        if (settings.Postgres is not null)
            findings.Add(StoreDiagnosis.Disk("disk of the server", AppContext.BaseDirectory));
        findings.Add(Memory());
        findings.AddRange(SettingsAtRisk());
        return findings;
    }

    private static Finding Version() => new(
        "version", FindingState.Ok, $"{VersionOf(typeof(ServerDiagnosis))} on {RuntimeInformation.FrameworkDescription}, Orleans {VersionOf(typeof(ISiloStatusOracle))}");

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "of unknown version";

    private async Task<Finding> ReadyAsync(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        return report.Status == HealthStatus.Healthy
            ? new Finding("ready", FindingState.Ok, "it is an active member, and its store answers")
            : new Finding("ready", FindingState.Fault, string.Join("; ", report.Entries.Select(entry => entry.Value.Description)), "the log of the server has the cause");
    }

    private IEnumerable<Finding> Members() =>
        from member in membership.CurrentSnapshot.Members.Values
        where member.Status != SiloStatus.Dead
        orderby member.SiloAddress
        let who = $"member {member.SiloAddress.Endpoint}"
        let self = member.SiloAddress.Equals(here.SiloAddress) ? ", this one" : ""
        select member.Status == SiloStatus.Active
            ? new Finding(who, FindingState.Ok, $"active{self}")
            : new Finding(who, FindingState.Warning, $"{member.Status}{self}", "it is about to come or to go");

    private Finding Memory()
    {
        long all = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long shards = settings.ShardMemoryMiB is { } mebibytes ? (long)mebibytes << 20 : all / 4;
        string detail = string.Create(CultureInfo.InvariantCulture, $"{Environment.WorkingSet >> 20} MB of {all >> 20} in use; shards may take {shards >> 20}");
        return shards > all / 4 * 3
            ? new Finding("memory", FindingState.Warning, detail, "Grid:ShardMemoryMiB leaves too little for backfills and everything else; three quarters of the memory are the most")
            : new Finding("memory", FindingState.Ok, detail);
    }

    private IEnumerable<Finding> SettingsAtRisk()
    {
        if (settings.Postgres is not null && !Telemetry.IsOn(configuration))
            yield return new Finding("telemetry", FindingState.Warning, "nobody watches this member", "OTEL_EXPORTER_OTLP_ENDPOINT names a collector: docs/observing.md");
        else
            yield return new Finding("telemetry", FindingState.Ok, Telemetry.IsOn(configuration) ? "sent by OTLP" : "off");
        yield return new Finding("keys", FindingState.Ok, http.ApiKeyFile is null ? "none: whoever works on this machine may do everything" : $"those of {http.ApiKeyFile}");
        if (settings.ProbeSeconds < 2)
            yield return new Finding("setting ProbeSeconds", FindingState.Warning, "a member that stands still for three seconds is taken for dead", "2 or more");
        if (settings.DrainSeconds < 10)
            yield return new Finding("setting DrainSeconds", FindingState.Warning, "a member that is asked to stop breaks calls that take longer", "the 30 that it has unless told otherwise");
        if (settings.Postgres is null)
            yield return new Finding("cluster", FindingState.Ok, "none: one process on a data folder");
    }
}
