using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Stores branch vectors. Model, date and id are the address, so a put that is sent twice has the effect of one.</summary>
internal static class PutEndpoints
{
    public static void MapPuts(this IEndpointRouteBuilder v1) =>
        v1.MapPut("/models/{model_id}/dates/{as_of_date}/vectors/{entity_id}", PutAsync)
            .Named("putVector", "Store a branch vector durably and fuse the joint vectors that it completes", "Vectors").Costs(WorkKind.Lookup).Writes();

    private static async Task<PutMessage> PutAsync(
        HttpContext context, string model_id, string as_of_date, string entity_id, PutRequest request, IEmbeddingGrid grid, CancellationToken cancellationToken)
    {
        var entity = new EntityKey(request.Kind ?? grid.Catalog.Model(model_id).Entity, Parameters.Id(context, nameof(entity_id)));
        var receipt = await grid.PutBranchAsync(new BranchPut(entity, model_id, Parameters.Day(nameof(as_of_date), as_of_date), request.Vector), cancellationToken);
        return new PutMessage(receipt.Changed, receipt.JointModelIds);
    }
}
