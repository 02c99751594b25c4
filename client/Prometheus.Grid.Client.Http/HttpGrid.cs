using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Evaluation;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Http;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Client.Http;

/// <summary>The grid behind a server. Safe for concurrent callers.</summary>
public sealed class HttpGrid : IEmbeddingGrid
{
    private readonly ApiCalls _calls;
    private readonly int _pageSize;

    private HttpGrid(ApiCalls calls, ModelCatalog catalog, HttpGridOptions options)
    {
        _calls = calls;
        _pageSize = options.PageSize;
        Catalog = catalog;
    }

    /// <inheritdoc/>
    public ModelCatalog Catalog { get; }

    /// <summary>Opens the grid behind a server, and learns its models and spaces.</summary>
    /// <param name="server">Where it is, for example <c>http://127.0.0.1:5075</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="GridFaultException">Nobody answers there.</exception>
    /// <exception cref="BadInputException">The server asks for another key.</exception>
    public static async Task<HttpGrid> OpenAsync(Uri server, HttpGridOptions? options, CancellationToken cancellationToken)
    {
        options ??= new HttpGridOptions();
        var calls = new ApiCalls(server, options);
        try
        {
            return new HttpGrid(calls, ModelCatalog.FromJson(await calls.GetTextAsync("/v1/catalog", cancellationToken)), options);
        }
        catch
        {
            calls.Dispose();
            throw;
        }
    }

    /// <summary>How the server is, for its operators.</summary>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="BadInputException">The key may only ask.</exception>
    public Task<DiagnosisMessage> DiagnoseAsync(CancellationToken cancellationToken) =>
        _calls.GetAsync("/v1/diagnosis", GridJson.Readable.DiagnosisMessage, cancellationToken);

    /// <inheritdoc/>
    public async Task<PutReceipt> PutBranchAsync(BranchPut put, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(put.Entity.Id))
            throw new BadInputException("entity id", put.Entity.Id, "an id that is not blank");
        CheckFinite($"vector of {put.Entity}", put.Vector.Span);
        var receipt = await _calls.SendAsync(
            HttpMethod.Put, $"/v1/models/{Segment(put.ModelId)}/dates/{DateRange.Text(put.AsOf)}/vectors/{Segment(put.Entity.Id)}",
            new PutRequest(put.Vector.ToArray(), put.Entity.Kind), GridJson.Readable.PutRequest, GridJson.Readable.PutMessage, cancellationToken);
        return new PutReceipt(receipt.Changed, receipt.JointModelIds);
    }

    /// <inheritdoc/>
    public async Task<EntitySnapshot> GetStateAsync(StateQuery query, CancellationToken cancellationToken)
    {
        string path = $"/v1/{Entities.SegmentOf(query.Entity.Kind)}/{Segment(query.Entity.Id)}/state{Query(("vectors", "true"), ("as_of", Day(query.AsOf)), ("as_known", Time(query.AsKnown)))}";
        return (await _calls.GetAsync(path, GridJson.Readable.StateMessage, cancellationToken)).ToSnapshot();
    }

    /// <inheritdoc/>
    public async Task<JointRow> GetJointAsync(JointQuery query, CancellationToken cancellationToken)
    {
        string path = $"/v1/spaces/{Segment(query.ModelId)}/dates/{DateRange.Text(query.AsOf)}/vectors/{Segment(query.EntityId)}{Query(("weights", query.Weights?.ToString()), ("as_known", Time(query.AsKnown)))}";
        return (await _calls.GetAsync(path, GridJson.Readable.VectorMessage, cancellationToken)).ToRow();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JointRow> ListJointAsync(JointListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (listing.Limit is < 1)
            throw new BadInputException(nameof(listing.Limit), listing.Limit, "a whole number of 1 or more");
        int left = listing.Limit ?? int.MaxValue;
        string? cursor = null;
        do
        {
            string path = $"/v1/spaces/{Segment(listing.ModelId)}/vectors" + Query(
                ("start", Day(listing.Dates.Start)), ("end", Day(listing.Dates.End)), ("entity_id", listing.EntityId), ("as_known", Time(listing.AsKnown)),
                ("limit", Math.Min(left, _pageSize).ToString(CultureInfo.InvariantCulture)), ("cursor", cursor));
            var page = await _calls.GetAsync(path, GridJson.Readable.VectorsPage, cancellationToken);
            foreach (var vector in page.Vectors)
                yield return vector.ToRow();
            left -= page.Vectors.Count;
            cursor = page.NextCursor;
        }
        while (cursor is not null && left > 0);
    }

    /// <inheritdoc/>
    public async Task<SimilarityAnswer> FindSimilarAsync(SimilarityQuery query, CancellationToken cancellationToken)
    {
        if (query.MinCosine is { } least && !double.IsFinite(least))
            throw new BadInputException(nameof(query.MinCosine), least, "a number from -1 to 1");
        if (query.Target is SimilarityTarget.Vector vector)
            CheckFinite(nameof(SimilarityTarget.Vector), vector.Values.Span);
        return (await _calls.SendAsync(
            HttpMethod.Post, $"/v1/spaces/{Segment(query.ModelId)}/search", query.ToRequest(), GridJson.Readable.SearchRequest, GridJson.Readable.SearchResponse, cancellationToken)).ToAnswer();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HistoryPoint>> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        string path = $"/v1/spaces/{Segment(query.ModelId)}/history/{Segment(query.EntityId)}{Query(("start", Day(query.Dates?.Start)), ("end", Day(query.Dates?.End)))}";
        var history = await _calls.GetAsync(path, GridJson.Readable.HistoryMessage, cancellationToken);
        return [.. history.Points.Select(point => point.ToPoint())];
    }

    /// <inheritdoc/>
    public async Task<BackfillReport> BackfillAsync(BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken) =>
        (await RunBackfillAsync(request, progress, cancellationToken)).Report;

    /// <summary>Runs a backfill like <see cref="BackfillAsync"/>, and says also what it did not use of the server's tables.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="progress">Told after each committed chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the job after the chunk under way; what is committed stays.</param>
    public Task<BackfillOutcome> RunBackfillAsync(BackfillRequest request, IProgress<BackfillProgress>? progress, CancellationToken cancellationToken) =>
        new BackfillCall(_calls, request, request is JointProfileBackfill or JointPortfolioBackfill ? BranchKind.Joint : Catalog.Model(request.ModelId).Kind)
            .RunAsync(progress, cancellationToken);

    /// <summary>A space on a date in two dimensions.</summary>
    /// <param name="modelId">The joint model.</param>
    /// <param name="asOf">The date.</param>
    /// <param name="method"><c>umap</c> or <c>pca</c>.</param>
    /// <param name="neighbours">True nearest neighbours to tell of each point, at least 1.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    public Task<MapMessage> MapAsync(string modelId, DateOnly asOf, string method, int neighbours, CancellationToken cancellationToken) => _calls.GetAsync(
        $"/v1/spaces/{Segment(modelId)}/dates/{DateRange.Text(asOf)}/map{Query(("method", method), ("neighbours", neighbours.ToString(CultureInfo.InvariantCulture)), ("distances", "true"))}",
        GridJson.Readable.MapMessage, cancellationToken);

    /// <summary>How good the neighbours of models are, on the data of the server.</summary>
    /// <exception cref="NotFoundException">A model has no vectors on the dates.</exception>
    public async Task<EvaluationReport> EvaluateAsync(EvaluationQuery query, CancellationToken cancellationToken)
    {
        var report = await _calls.SendAsync(
            HttpMethod.Post, "/v1/evaluations", new EvaluationRequest(query.ModelIds, query.Dates.Start, query.Dates.End, query.Labels, query.LabelName),
            GridJson.Readable.EvaluationRequest, GridJson.Readable.EvaluationMessage, cancellationToken);
        return new EvaluationReport(
            report.ModelIds,
            [.. report.Figures.Select(figure => new EvaluationFigure(
                figure.ModelId, figure.AsOfDate, figure.Metric, figure.Value, figure.StandardError, figure.Baseline, figure.BaselineIs,
                figure.MoreIsBetter, figure.Entities, figure.Difference, figure.DifferenceError))],
            [.. report.LeftOut.Select(reason => (reason.Reason, reason.Count))])
        {
            Unjudged = [.. (report.Unjudged ?? []).Select(date => new UnjudgedDate(date.AsOfDate, date.Reason))],
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _calls.Dispose();
        return ValueTask.CompletedTask;
    }

    // JSON has no word for the others, so the server could not say it.
    private static void CheckFinite(string field, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new BadInputException(field, value, "finite values");
        }
    }

    private static string Segment(string id) => Uri.EscapeDataString(id);

    private static string? Day(DateOnly? date) => date is { } day ? DateRange.Text(day) : null;

    private static string? Time(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
        return query.ToString();
    }
}
