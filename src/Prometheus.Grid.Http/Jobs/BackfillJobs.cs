using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Jobs;

/// <summary>
/// Backfills as jobs. A job is in the store before its caller hears of it, and one that no server has ended is taken up by each server that starts: the
/// grain behind it runs once, and doing a day twice changes nothing.
/// </summary>
internal sealed partial class BackfillJobs(IGridStore store, IBackfillRunner runner, TimeProvider time, ILogger<BackfillJobs> log) : BackgroundService
{
    /// <summary>Ended jobs that are kept to be looked at.</summary>
    private const int MostEnded = 200;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1), s_longestPause = TimeSpan.FromMinutes(1);

    private readonly JobFile _file = new(store.Artifacts);
    private readonly ConcurrentDictionary<Guid, RunningJob> _running = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Checks a request and starts it. Once this returns, the job is in the store.</summary>
    /// <param name="message">What to build.</param>
    /// <param name="id">The name that its caller gave it, so that a start which is sent twice is one; null for a new one.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    public async Task<BackfillJobMessage> StartAsync(BackfillMessage message, Guid? id, CancellationToken cancellationToken)
    {
        var request = message.ToRequest();
        if (id is { } named && await _file.ReadAsync(named, cancellationToken) is { } known)
            return Latest(known);
        var job = new BackfillJobMessage((id ?? Guid.NewGuid()).ToString(), JobStatus.Running, message, time.GetUtcNow());
        await _file.WriteAsync(job, cancellationToken);
        Take(job, request);
        return job;
    }

    /// <summary>All jobs, newest first.</summary>
    public async Task<IReadOnlyList<BackfillJobMessage>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _file.ListAsync(cancellationToken)).Select(Latest)];

    /// <summary>A job.</summary>
    /// <exception cref="NotFoundException">There is none of this id.</exception>
    public async Task<BackfillJobMessage> GetAsync(string id, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(id, out var guid))
            throw new NotFoundException("backfill", id);
        // One that this server drives is in the store as it was when it began.
        return _running.TryGetValue(guid, out var running) ? running.Job
            : await _file.ReadAsync(guid, cancellationToken) ?? throw new NotFoundException("backfill", id);
    }

    /// <summary>A job as it is now and each time that it has moved, until it has ended.</summary>
    public async IAsyncEnumerable<BackfillJobMessage> WatchAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var job = await GetAsync(id, cancellationToken); ; job = await GetAsync(id, cancellationToken))
        {
            if (!_running.TryGetValue(Guid.Parse(job.BackfillId), out var running))
            {
                // Ended, or run by another server of the cluster, of which this one sees the end in the store.
                yield return job;
                if (job.Status != JobStatus.Running)
                    yield break;
                await Task.Delay(s_firstPause, time, cancellationToken);
                continue;
            }
            var moved = running.Moved;
            yield return running.Job;
            await moved.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends a job after the chunk under way; one that has ended stays as it is.</summary>
    public async Task<BackfillJobMessage> CancelAsync(string id, CancellationToken cancellationToken)
    {
        var job = await GetAsync(id, cancellationToken);
        if (job.Status != JobStatus.Running)
            return job;
        var guid = Guid.Parse(job.BackfillId);
        if (_running.TryRemove(guid, out var running))
            await running.StopAsync();
        await runner.EndAsync(guid, cancellationToken);
        job = job with { Status = JobStatus.Cancelled, FinishedAt = time.GetUtcNow() };
        await _file.WriteAsync(job, cancellationToken);
        running?.Report(job);
        return job;
    }

    /// <summary>Takes up what no server has ended.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                var jobs = await _file.ListAsync(stoppingToken);
                foreach (var job in jobs.Where(job => job.Status == JobStatus.Running))
                    Take(job, job.Request.ToRequest());
                foreach (var job in jobs.Where(job => job.Status != JobStatus.Running).Skip(MostEnded))
                    await _file.DeleteAsync(job, stoppingToken);
                return;
            }
            catch (GridException error)
            {
                LogNotRead(error);
                await Task.Delay(pause, time, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values.Select(running => running.StopAsync()));
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    private BackfillJobMessage Latest(BackfillJobMessage job) =>
        job.Status == JobStatus.Running && _running.TryGetValue(Guid.Parse(job.BackfillId), out var running) ? running.Job : job;

    private void Take(BackfillJobMessage job, BackfillRequest request)
    {
        var running = new RunningJob(job, _stopping.Token);
        if (_running.TryAdd(Guid.Parse(job.BackfillId), running))
            running.Start(token => RunAsync(running, request, token));
    }

    private async Task RunAsync(RunningJob running, BackfillRequest request, CancellationToken cancellationToken)
    {
        var id = Guid.Parse(running.Job.BackfillId);
        BackfillJobMessage ended;
        try
        {
            var report = await runner.RunAsync(id, request, running, cancellationToken);
            ended = running.Job with { Status = JobStatus.Succeeded, Report = report.ToMessage(await NotesAsync(running.Job.Request.Kind, cancellationToken)) };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return; // Cancelled by its caller, who writes so; or left to the next server.
        }
        catch (GridException error)
        {
            ended = running.Job with { Status = JobStatus.Failed, Problem = error.ToProblem() };
        }
        catch (Exception error)
        {
            LogBroken(id, error);
            ended = running.Job with { Status = JobStatus.Failed, Problem = new GridFaultException($"an error that nobody expected: {error.Message}").ToProblem() };
        }
        ended = ended with { FinishedAt = time.GetUtcNow() };
        await KeepAsync(ended, cancellationToken);
        _running.TryRemove(id, out _);
        running.Report(ended);
    }

    /// <summary>What is not used of the tables that such a backfill reads; a server has read others too, for other jobs.</summary>
    private async Task<IReadOnlyList<InputNote>> NotesAsync(BackfillKind kind, CancellationToken cancellationToken)
    {
        string[] foreign = kind switch
        {
            BackfillKind.Numeric or BackfillKind.JointProfiles => ["profiles", "portfolio_risk_reports", "portfolio_positions"],
            BackfillKind.Text => ["prices_daily", "portfolio_risk_reports", "portfolio_positions"],
            BackfillKind.Portfolios => ["prices_daily", "profiles"],
            _ => ["prices_daily", "profiles", "portfolio_risk_reports", "portfolio_positions"],
        };
        return [.. (await store.Inputs.NotesAsync(cancellationToken)).Where(note => !foreign.Contains(note.Table))];
    }

    /// <summary>Writes the end of a job, again and again where the store does not take it: else it would be run once more.</summary>
    private async Task KeepAsync(BackfillJobMessage ended, CancellationToken cancellationToken)
    {
        for (var pause = s_firstPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                await _file.WriteAsync(ended, cancellationToken);
                await runner.EndAsync(Guid.Parse(ended.BackfillId), cancellationToken);
                return;
            }
            catch (GridException error)
            {
                LogNotKept(ended.BackfillId, error);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "jobs cannot be read, so none is taken up yet")]
    private partial void LogNotRead(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "the end of backfill {Id} cannot be kept yet")]
    private partial void LogNotKept(string id, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "backfill {Id} is broken")]
    private partial void LogBroken(Guid id, Exception error);
}
