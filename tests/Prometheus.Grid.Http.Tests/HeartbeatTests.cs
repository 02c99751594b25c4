using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Http.Endpoints;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Tests;

/// <summary>Events of a job on a connection that would else be silent. The clock is the test's own.</summary>
public sealed class HeartbeatTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly Channel<BackfillJobMessage> _moves = Channel.CreateUnbounded<BackfillJobMessage>();
    private readonly Pipe _wire = new();
    private readonly StreamReader _reader;

    public HeartbeatTests() => _reader = new StreamReader(_wire.Reader.AsStream());

    public void Dispose() => _reader.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_job_is_a_comment_every_fifteen_seconds_and_an_event_comes_at_once()
    {
        var answer = AnswerAsync(Token);
        await _moves.Writer.WriteAsync(Job(JobStatus.Running), Token);
        Assert.Equal("event: backfill", await LineAsync());
        Assert.Contains("\"status\":\"running\"", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await LineAsync());
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(15));
            Assert.StartsWith(":", await LineAsync(), StringComparison.Ordinal);
            Assert.Equal("", await LineAsync());
        }
        _clock.Advance(TimeSpan.FromSeconds(14));
        await _moves.Writer.WriteAsync(Job(JobStatus.Succeeded), Token);
        _moves.Writer.Complete();
        Assert.Equal("event: backfill", await LineAsync());
        Assert.Contains("\"status\":\"succeeded\"", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal("", await LineAsync());
        await answer;
        await _wire.Writer.CompleteAsync();
        Assert.Null(await _reader.ReadLineAsync(Token));
        Assert.Equal(0, _clock.Timers);
    }

    [Fact]
    public async Task A_reader_that_has_gone_ends_the_stream_and_its_clock()
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = AnswerAsync(gone.Token);
        await _moves.Writer.WriteAsync(Job(JobStatus.Running), Token);
        await LineAsync();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(0, _clock.Timers);
    }

    private Task AnswerAsync(CancellationToken aborted)
    {
        var context = new DefaultHttpContext { RequestAborted = aborted };
        context.Response.Body = _wire.Writer.AsStream(leaveOpen: true);
        return new BackfillEvents(_moves.Reader.ReadAllAsync(CancellationToken.None), _clock).ExecuteAsync(context);
    }

    private async Task<string?> LineAsync() => await _reader.ReadLineAsync(Token);

    private static BackfillJobMessage Job(JobStatus status) => new(
        Guid.Empty.ToString(), status, new BackfillMessage(BackfillKind.Text, "text-hash-v1", new DateOnly(2024, 3, 28), new DateOnly(2024, 3, 28)), DateTimeOffset.UnixEpoch);

    /// <summary>A clock that moves when it is told to.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly Lock _lock = new();
        private readonly List<Alarm> _alarms = [];
        private TimeSpan _now;

        public int Timers
        {
            get
            {
                lock (_lock)
                    return _alarms.Count;
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var alarm = new Alarm(this, () => callback(state), _now + dueTime, period);
            lock (_lock)
                _alarms.Add(alarm);
            return alarm;
        }

        public void Advance(TimeSpan by)
        {
            List<Alarm> due;
            lock (_lock)
            {
                _now += by;
                due = [.. _alarms.Where(alarm => alarm.Due <= _now)];
                foreach (var alarm in due)
                    alarm.Due += alarm.Period;
            }
            foreach (var alarm in due)
                alarm.Ring();
        }

        private sealed class Alarm(Clock clock, Action ring, TimeSpan due, TimeSpan period) : ITimer
        {
            public TimeSpan Due { get; set; } = due;

            public TimeSpan Period { get; } = period;

            public void Ring() => ring();

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose()
            {
                lock (clock._lock)
                    clock._alarms.Remove(this);
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
