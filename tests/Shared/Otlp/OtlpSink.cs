using System.Globalization;
using System.Net;
using System.Text;

namespace Prometheus.Grid.Tests.Otlp;

/// <summary>A collector of the test's own: takes what servers send by OTLP over HTTP, and keeps it.</summary>
public sealed class OtlpSink : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly bool _keeps;
    private readonly List<OtlpSpan> _spans = [];
    private readonly Dictionary<string, OtlpMetric> _metrics = new(StringComparer.Ordinal);
    private readonly List<OtlpLog> _logs = [];
    private readonly List<byte[]> _bodies = [];
    private readonly Task _serving;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    /// <summary>Starts to listen on a free port of this machine.</summary>
    /// <param name="keeps">False for a sink that takes everything and keeps nothing, for benchmarks.</param>
    public OtlpSink(bool keeps = true)
    {
        _keeps = keeps;
        Endpoint = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{SiloProcess.FreePorts(1)[0]}"));
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; }

    /// <summary>Bytes that arrived.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Settings of a server that sends here, at intervals that tests can wait for.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
    };

    /// <summary>The spans of a trace so far.</summary>
    public IReadOnlyList<OtlpSpan> SpansOf(string traceId)
    {
        lock (_lock)
            return [.. _spans.Where(span => span.TraceId == traceId)];
    }

    /// <summary>The metrics so far, one a name.</summary>
    public IReadOnlyList<OtlpMetric> Metrics
    {
        get
        {
            lock (_lock)
                return [.. _metrics.Values];
        }
    }

    /// <summary>The lines of logs so far.</summary>
    public IReadOnlyList<OtlpLog> Logs
    {
        get
        {
            lock (_lock)
                return [.. _logs];
        }
    }

    /// <summary>Whether any bytes that arrived hold a text.</summary>
    public bool Holds(string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        lock (_lock)
            return _bodies.Exists(body => body.AsSpan().IndexOf(wanted) >= 0);
    }

    /// <summary>Waits until what arrived satisfies a condition, which is looked at after each arrival.</summary>
    public async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (_lock)
                next = _arrived.Task;
            if (condition())
                return;
            await next.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _listener.Close();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                context.Response.StatusCode = 200;
                context.Response.Close();
                Interlocked.Add(ref _bytes, body.Length);
                if (_keeps)
                    Take(context.Request.Url!.AbsolutePath, body.ToArray());
            }
            // A server that was stopped within a request, or this listener by its owner.
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException)
            {
            }
        }
    }

    private void Take(string path, byte[] body)
    {
        TaskCompletionSource arrived;
        lock (_lock)
        {
            _bodies.Add(body);
            switch (path)
            {
                case "/v1/traces":
                    _spans.AddRange(OtlpReader.Spans(body));
                    break;
                case "/v1/metrics":
                    foreach (var metric in OtlpReader.Metrics(body))
                        _metrics[metric.Name] = metric;
                    break;
                default:
                    _logs.AddRange(OtlpReader.Logs(body));
                    break;
            }
            (arrived, _arrived) = (_arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        arrived.SetResult();
    }
}
