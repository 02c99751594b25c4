using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Embedded.Maps;
using Prometheus.Grid.Http.Data;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Questions about whole dates: maps and evaluations.</summary>
internal static class StudyEndpoints
{
    private const int DefaultNeighbours = 15, MostNeighbours = 100;

    public static void MapStudies(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/spaces/{model_id}/dates/{as_of_date}/map", MapAsync)
            .Named("getMap", "A space on a date in two dimensions, with each entity's true nearest neighbours", "Studies").Costs(WorkKind.Study).TaggedByDate();
        v1.MapPost("/evaluations", EvaluateAsync)
            .Named("evaluate", "How good the ten nearest neighbours of every entity are, on this grid's own data", "Studies").Costs(WorkKind.Study);
    }

    private static async Task<MapMessage> MapAsync(
        string model_id, string as_of_date, string? method, string? neighbours, string? distances, IEmbeddingGrid grid, MapCache maps, IGridInputs inputs, CancellationToken cancellationToken)
    {
        int nearest = Parameters.Whole("neighbours", neighbours, 1) ?? DefaultNeighbours;
        BeyondLimitException.Check("neighbours", nearest, MostNeighbours);
        bool withDistances = Parameters.Flag("distances", distances);
        var how = (method ?? "umap") switch
        {
            "umap" => MapMethod.Umap,
            "pca" => MapMethod.Pca,
            var other => throw new BadInputException("method", other, "umap or pca"),
        };
        var asOf = Parameters.Day(nameof(as_of_date), as_of_date);
        var map = await maps.ReadAsync(new MapQuery(grid.Catalog.Space(model_id).ModelId, asOf, how, nearest), cancellationToken);
        var universe = await inputs.ReadUniverseAsync(cancellationToken);
        var issuers = map.EntityIds.Select(id => universe.Issuers.GetValueOrDefault(id)).ToList();
        return new MapMessage(
            model_id,
            asOf,
            how.ToString().ToLowerInvariant(),
            map.EntityIds,
            [.. issuers.Select(issuer => issuer?.Name ?? "")],
            [.. issuers.Select(issuer => issuer?.Sector ?? "")],
            [.. issuers.Select(issuer => issuer?.Country ?? "")],
            map.X,
            map.Y,
            map.Neighbours,
            map.Trustworthiness,
            withDistances ? map.Distances : null);
    }

    private static async Task<EvaluationMessage> EvaluateAsync(
        EvaluationRequest request, IEmbeddingGrid grid, IGridStore store, CancellationToken cancellationToken)
    {
        var evaluator = new SpaceEvaluator(store, grid.Catalog, Environment.ProcessorCount);
        var report = await evaluator.EvaluateAsync(
            new EvaluationQuery(request.ModelIds, new DateRange(request.Start, request.End), request.Labels, request.LabelName), cancellationToken);
        return new EvaluationMessage(
            report.ModelIds,
            [.. report.Figures.Select(figure => new FigureMessage(
                figure.ModelId, figure.Metric, figure.Value, figure.StandardError, figure.Baseline, figure.BaselineIs,
                figure.MoreIsBetter, figure.Entities, figure.Difference, figure.DifferenceError, figure.AsOf))],
            [.. report.LeftOut.Select(reason => new CountMessage(reason.Reason, reason.Count))],
            report.Unjudged.Count == 0 ? null : [.. report.Unjudged.Select(date => new UnjudgedDateMessage(date.AsOf, date.Reason))]);
    }
}
