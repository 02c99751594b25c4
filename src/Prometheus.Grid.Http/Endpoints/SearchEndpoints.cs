using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Who is like whom.</summary>
internal static class SearchEndpoints
{
    public static void MapSearches(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/spaces/{model_id}/search", SearchAsync).Named("search", "The exact nearest neighbours of an entity, a text or a vector", "Search").Costs(WorkKind.Search);
        v1.MapPost("/spaces/{model_id}/searches", SearchManyAsync)
            .Named("searchMany", "Many searches of a space; each has its answer or what is wrong with it", "Search").Costs(WorkKind.Search);
        v1.MapGet("/spaces/{model_id}/history/{entity_id}", HistoryAsync)
            .Named("getHistory", "How an entity moved through a space, by date", "Search").Costs(WorkKind.Study);
    }

    private static async Task<SearchResponse> SearchAsync(
        string model_id, SearchRequest request, IEmbeddingGrid grid, IGridInputs inputs, GridHttpOptions options, CancellationToken cancellationToken)
    {
        CheckSize(request.TopK, options.MaxHits);
        var answer = await grid.FindSimilarAsync(request.ToQuery(model_id), cancellationToken);
        return answer.ToMessage(Labels(await inputs.ReadUniverseAsync(cancellationToken)));
    }

    private static async Task<SearchesResponse> SearchManyAsync(
        string model_id, SearchesRequest request, IEmbeddingGrid grid, IGridInputs inputs, GridHttpOptions options, CancellationToken cancellationToken)
    {
        BeyondLimitException.Check("searches", request.Searches.Count, options.MaxSearches);
        CheckSize(request.Searches.Sum(search => (long)search.TopK), options.MaxHits);
        var labels = Labels(await inputs.ReadUniverseAsync(cancellationToken));
        var outcomes = new SearchOutcome[request.Searches.Count];
        // As many at once as there are cores; more would only wait beside each other.
        await Parallel.ForAsync(0, outcomes.Length, cancellationToken, async (i, token) =>
        {
            try
            {
                outcomes[i] = new SearchOutcome((await grid.FindSimilarAsync(request.Searches[i].ToQuery(model_id), token)).ToMessage(labels), null);
            }
            catch (GridException error)
            {
                outcomes[i] = new SearchOutcome(null, error.ToProblem());
            }
        });
        return new SearchesResponse(outcomes);
    }

    private static async Task<HistoryMessage> HistoryAsync(
        HttpContext context, string model_id, string entity_id, string? start, string? end, IEmbeddingGrid grid, CancellationToken cancellationToken)
    {
        string id = Parameters.Id(context, nameof(entity_id));
        var points = await grid.HistoryAsync(new HistoryQuery(id, model_id, Parameters.Range(start, end)), cancellationToken);
        return new HistoryMessage(model_id, id, [.. points.Select(point => point.ToMessage())]);
    }

    // What is no number of neighbours at all is the domain's to refuse.
    private static void CheckSize(long topK, int most) => BeyondLimitException.Check("top_k", (int)Math.Min(topK, int.MaxValue), most);

    private static Func<string, (string, string, string)> Labels(Universe universe) => id =>
        universe.Issuers.TryGetValue(id, out var issuer) ? (issuer.Name, issuer.Sector, issuer.Country) : ("", "", "");
}
