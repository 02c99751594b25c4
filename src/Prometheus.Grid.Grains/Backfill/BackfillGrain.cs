using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Grains.Messages;

namespace Prometheus.Grid.Grains.Backfill;

/// <summary>The days of a backfill that are done, so that another silo goes on behind them.</summary>
[GenerateSerializer, Alias("grid.backfill-journal")]
public sealed class BackfillJournal
{
    /// <summary>One entry a completed day, in their order.</summary>
    [Id(0)] public List<BackfillDay> Days { get; set; } = [];
}

/// <summary>Drives a backfill day by day and remembers each; the chunks of a day have their watermark in the store.</summary>
/// <param name="journal">The days that are done.</param>
/// <param name="silo">The grid of this silo.</param>
[GrainType("grid-backfill")]
public sealed class BackfillGrain(
    [PersistentState("backfill", GridSiloExtensions.BackfillStorage)] IPersistentState<BackfillJournal> journal, SiloGrid silo)
    : Orleans.Grain, IBackfillGrain, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly LatestProgress _progress = new();
    private Task<BackfillReport>? _run;

    /// <inheritdoc/>
    public async Task<BackfillStatus> DriveAsync(BackfillRequest request, CancellationToken cancellationToken)
    {
        var run = _run ??= RunAsync(request);
        // The error of a failed run is told once; the next call goes on behind the last completed day.
        if (run.IsFaulted || run.IsCanceled)
            _run = null;
        return new BackfillStatus(_progress.Value, run.IsCompleted ? await run : null);
    }

    /// <inheritdoc/>
    public async Task EndAsync()
    {
        await StopAsync();
        if (journal.RecordExists)
            await journal.ClearStateAsync();
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => StopAsync();

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    /// <summary>Lets the chunk under way end.</summary>
    private async Task StopAsync()
    {
        await _cancellation.CancelAsync();
        if (_run is { } run)
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task<BackfillReport> RunAsync(BackfillRequest request)
    {
        var token = _cancellation.Token;
        var dates = await Task.Run(() => silo.Backfill.DatesAsync(request, token), token);
        while (journal.State.Days.Count < dates.Count)
        {
            int day = journal.State.Days.Count;
            // Encoding computes on all cores of the silo: off the grain's turn. Only the finished day comes back to the grain.
            journal.State.Days.Add(await Task.Run(() => silo.Backfill.RunDayAsync(request, dates, day, _progress, token), token));
            await journal.WriteStateAsync(token);
        }
        return new BackfillReport([.. journal.State.Days]);
    }

    /// <summary>Carries progress from the threads of the run to the turns of the grain.</summary>
    private sealed class LatestProgress : IProgress<BackfillProgress>
    {
        private volatile StrongBox? _latest;

        public BackfillProgress? Value => _latest?.Value;

        public void Report(BackfillProgress value) => _latest = new StrongBox(value);

        private sealed record StrongBox(BackfillProgress Value);
    }
}
