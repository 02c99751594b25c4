using System.Diagnostics;
using System.Diagnostics.Metrics;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Telemetry;

/// <summary>
/// Something that a caller asked the grid for: a span while it lasts, a duration and the kind of its error when it ends. It allocates nothing while nobody
/// listens. It is begun within an asynchronous method, whose end takes the span off the callers that come after.
/// </summary>
public readonly struct GridOperation
{
    private const string ErrorKey = "error.type";

    private readonly string _name;
    private readonly Histogram<double>? _duration;
    private readonly KeyValuePair<string, object?> _label;
    private readonly long _since;

    private GridOperation(string name, Histogram<double>? duration, KeyValuePair<string, object?> label)
    {
        (_name, _duration, _label, _since) = (name, duration, label, Stopwatch.GetTimestamp());
        Span = GridActivity.Start(name);
        if (label.Key is not null)
            Span?.SetTag(label.Key, label.Value);
    }

    /// <summary>The span, to be told more; null when nobody listens.</summary>
    public Activity? Span { get; }

    /// <summary>A search begins.</summary>
    /// <param name="target">What is searched for: <c>entity</c>, <c>text</c> or <c>vector</c>.</param>
    public static GridOperation Search(string target) => new("search", GridMeter.SearchDuration, new("grid.search.target", target));

    /// <summary>A put of a single vector begins.</summary>
    /// <param name="kind">Of what.</param>
    public static GridOperation Put(EntityKind kind) => new("put", GridMeter.PutDuration, new("grid.entity.kind", kind switch
    {
        EntityKind.Instrument => "instrument",
        EntityKind.Issuer => "issuer",
        _ => "portfolio",
    }));

    /// <summary>A date of a backfill begins.</summary>
    /// <param name="modelId">The model of the vectors.</param>
    public static GridOperation BackfillDate(string modelId) => new("backfill date", GridMeter.BackfillDateDuration, new(GridMetrics.ModelKey, modelId));

    /// <summary>Another operation begins, of which the errors count.</summary>
    /// <param name="name">What it is, one of a few.</param>
    public static GridOperation Of(string name) => new(name, null, default);

    /// <summary>Waits for what is done and ends the operation as that ends.</summary>
    /// <param name="work">What is done.</param>
    public async Task<T> EndsWithAsync<T>(Task<T> work)
    {
        try
        {
            var result = await work;
            Succeeded();
            return result;
        }
        catch (Exception error)
        {
            Failed(error);
            throw;
        }
    }

    /// <summary>The operation has ended well.</summary>
    public void Succeeded()
    {
        _duration?.Record(Stopwatch.GetElapsedTime(_since).TotalSeconds, _label);
        Span?.Dispose();
    }

    /// <summary>The operation has failed.</summary>
    /// <param name="error">Why; it goes on to the caller.</param>
    public void Failed(Exception error)
    {
        string kind = KindOf(error);
        _duration?.Record(Stopwatch.GetElapsedTime(_since).TotalSeconds, _label, new(ErrorKey, kind));
        GridMeter.Errors.Add(1, new("grid.operation.name", _name), new(ErrorKey, kind));
        if (Span is null)
            return;
        Span.SetTag(ErrorKey, kind);
        // What the caller did wrong is no fault of the grid.
        if (kind is "fault" or "unexpected")
            Span.SetStatus(ActivityStatusCode.Error, error.Message);
        Span.Dispose();
    }

    /// <summary>The kinds of <see cref="ErrorKind"/>, and those that are none: a caller that has gone or waited long enough, and what nobody expected.</summary>
    private static string KindOf(Exception error) => error switch
    {
        GridException known => known.Kind switch { ErrorKind.BadInput => "bad_input", ErrorKind.NotFound => "not_found", _ => "fault" },
        OperationCanceledException => "cancelled",
        _ => "unexpected",
    };
}
