using System.Diagnostics;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Http.Data;

/// <summary>The reference tables, read again when they are older than ten seconds: names and labels change by the day, and every answer shows some.</summary>
internal sealed class Reference(IGridStore store) : IDisposable
{
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Reading? _latest;

    public async ValueTask<Universe> ReadAsync(CancellationToken cancellationToken)
    {
        if (_latest is { } latest && Stopwatch.GetElapsedTime(latest.At) < s_age)
            return latest.Universe;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_latest is { } read && Stopwatch.GetElapsedTime(read.At) < s_age)
                return read.Universe;
            long now = Stopwatch.GetTimestamp();
            var universe = await store.Inputs.ReadUniverseAsync(cancellationToken);
            _latest = new Reading(universe, now);
            return universe;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private sealed record Reading(Universe Universe, long At);
}
