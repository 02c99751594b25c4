using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>How the server is. Addresses, versions and settings are for those who may change it.</summary>
internal static class DiagnosisEndpoints
{
    public static void MapDiagnosis(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/diagnosis", ExamineAsync).Named("getDiagnosis", "What an operator would look for: members, store, versions, room, clocks and settings at risk", "Operation")
            .Costs(WorkKind.Lookup).Writes();

    private static async Task<DiagnosisMessage> ExamineAsync([FromServices] IDiagnosis diagnosis, TimeProvider time, CancellationToken cancellationToken)
    {
        var findings = await diagnosis.ExamineAsync(cancellationToken);
        return new DiagnosisMessage(time.GetUtcNow(), [.. findings.Select(finding => new FindingMessage(finding.What, finding.State, finding.Detail, finding.Do))]);
    }
}
