using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>What the grain of an issuer or portfolio holds: the latest vector of each model.</summary>
internal static class StateEndpoints
{
    public static void MapStates(this IEndpointRouteBuilder v1)
    {
        foreach (var kind in (EntityKind[])[EntityKind.Issuer, EntityKind.Portfolio])
        {
            v1.MapGet($"/{Entities.SegmentOf(kind)}/{{id}}/state", async (
                    HttpContext context, string id, string? as_of, string? as_known, string? vectors, IEmbeddingGrid grid, CancellationToken cancellationToken) =>
                {
                    bool withVectors = Parameters.Flag("vectors", vectors);
                    var query = new StateQuery(
                        new EntityKey(kind, Parameters.Id(context, nameof(id))), Parameters.OptionalDay("as_of", as_of), Parameters.Time("as_known", as_known));
                    return (await grid.GetStateAsync(query, cancellationToken)).ToMessage(withVectors);
                })
                .Named($"get{kind}State", $"The latest vectors of an {kind.ToString().ToLowerInvariant()}, one a model; their values where vectors=true".Replace("an portfolio", "a portfolio", StringComparison.Ordinal), "Entities")
                .Costs(WorkKind.Lookup);
        }
    }
}
