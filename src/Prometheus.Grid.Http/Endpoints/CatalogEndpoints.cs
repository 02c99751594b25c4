using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Search;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Security;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Models, spaces, and who is asking.</summary>
internal static class CatalogEndpoints
{
    public static void MapCatalog(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/whoami", (HttpContext context) => Caller.Of(context) is var caller ? new WhoAmI(caller.Name, caller.Role, caller.NeedsKey) : null)
            .Named("whoAmI", "Who the server takes the caller for", "Catalog").Costs(WorkKind.Lookup);
        v1.MapGet("/catalog", (IEmbeddingGrid grid) => Results.Text(grid.Catalog.ToJson(), "application/json"))
            .Named("getCatalog", "All manifests of models and spaces, for clients that compute with them", "Catalog").Costs(WorkKind.Lookup)
            .Produces<object>(contentType: "application/json");
        v1.MapGet("/models", (IEmbeddingGrid grid) => new ModelsPage([.. grid.Catalog.Models.Select(model => model.ToMessage())]))
            .Named("listModels", "The models of branches", "Catalog").Costs(WorkKind.Lookup);
        v1.MapGet("/models/{model_id}", (string model_id, IEmbeddingGrid grid) => grid.Catalog.Model(model_id).ToMessage())
            .Named("getModel", "A model of a branch", "Catalog").Costs(WorkKind.Lookup);
        v1.MapGet("/spaces", (IEmbeddingGrid grid) => new SpacesPage([.. grid.Catalog.Spaces.Select(space => space.ToMessage())]))
            .Named("listSpaces", "The joint spaces and what they are made of", "Catalog").Costs(WorkKind.Lookup);
        v1.MapGet("/spaces/{model_id}", (string model_id, IEmbeddingGrid grid) => grid.Catalog.Space(model_id).ToMessage())
            .Named("getSpace", "A joint space", "Catalog").Costs(WorkKind.Lookup);
        v1.MapGet("/spaces/{model_id}/dates", DatesAsync).Named("listDates", "The dates on which a space has vectors", "Catalog").Costs(WorkKind.Lookup);
    }

    private static async Task<SpaceDates> DatesAsync(string model_id, string? start, string? end, IEmbeddingGrid grid, IGridStore store, CancellationToken cancellationToken)
    {
        var space = grid.Catalog.Space(model_id);
        return new SpaceDates(space.ModelId, await new SpaceReader(store).DatesAsync(space, Parameters.Range(start, end), cancellationToken));
    }
}
