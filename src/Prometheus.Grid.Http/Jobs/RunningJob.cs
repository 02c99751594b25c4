using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Jobs;

/// <summary>A job that this server drives. Its runner moves it, any number of requests look at it.</summary>
internal sealed class RunningJob(BackfillJobMessage job, CancellationToken stopping) : IProgress<BackfillProgress>
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BackfillJobMessage _job = job;
    private Task _work = Task.CompletedTask;

    /// <summary>The job as it is now.</summary>
    public BackfillJobMessage Job
    {
        get
        {
            lock (_lock)
                return _job;
        }
    }

    /// <summary>Completes at its next move.</summary>
    public Task Moved
    {
        get
        {
            lock (_lock)
                return _moved.Task;
        }
    }

    public void Start(Func<CancellationToken, Task> run) => _work = Task.Run(() => run(_cancellation.Token), CancellationToken.None);

    /// <summary>Ends the work and waits for its end.</summary>
    public async Task StopAsync()
    {
        await _cancellation.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Report(BackfillProgress value) => Report(Job with { Progress = value.ToMessage() });

    /// <summary>Moves the job on.</summary>
    public void Report(BackfillJobMessage next)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            _job = next;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.SetResult();
    }
}
