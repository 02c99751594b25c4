using Prometheus.Grid.Core.Telemetry;
using Prometheus.Grid.Embedded.Snapshots;

namespace Prometheus.Grid.Embedded.Search;

/// <summary>The memory that shards of one process share between queries; what was least recently used goes first when they outgrow it.</summary>
/// <param name="budgetBytes">How much there is.</param>
public sealed class RowMemory(long budgetBytes) : IRowMemory
{
    private readonly Dictionary<Slot, Rows> _rows = [];
    private long _clock;

    /// <inheritdoc/>
    public long LimitBytes { get; } = budgetBytes;

    /// <inheritdoc/>
    public (long Rows, long Bytes) Held()
    {
        lock (_rows)
            return (_rows.Values.Sum(rows => rows.Sets.Sum(set => (long)set.Shard.Count)), _rows.Values.Sum(rows => rows.Bytes));
    }

    /// <summary>The rows in a slot, empty at first.</summary>
    internal Rows Of(Slot slot)
    {
        lock (_rows)
        {
            if (!_rows.TryGetValue(slot, out var rows))
                _rows.Add(slot, rows = new Rows());
            rows.LastUsed = ++_clock;
            return rows;
        }
    }

    /// <summary>Forgets the least recently used rows; searches that still hold some finish with them.</summary>
    internal void Trim()
    {
        lock (_rows)
        {
            long bytes = _rows.Values.Sum(rows => rows.Bytes);
            foreach ((var slot, var rows) in _rows.OrderBy(pair => pair.Value.LastUsed).SkipLast(1).ToArray())
            {
                if (bytes <= LimitBytes)
                    return;
                bytes -= rows.Bytes;
                _rows.Remove(slot);
            }
        }
    }

    /// <summary>The dates of a model whose joint rows <paramref name="holder"/> has, as they are, the most recently used first.</summary>
    internal DateOnly[] DatesOf(object holder, string modelId)
    {
        lock (_rows)
        {
            return
            [
                .. _rows.Where(pair => pair.Key is { Branches: "" } slot && slot.Holder == holder && slot.ModelId == modelId && pair.Value.Version is not null)
                    .OrderByDescending(pair => pair.Value.LastUsed).Select(pair => pair.Key.AsOf),
            ];
        }
    }

    /// <summary>Forgets all that <paramref name="holder"/> kept.</summary>
    internal void Forget(object holder)
    {
        lock (_rows)
        {
            foreach (var slot in _rows.Keys.Where(slot => slot.Holder == holder).ToArray())
                _rows.Remove(slot);
        }
    }

    /// <summary>Whose rows of what: joint rows as they are, or the branches behind them.</summary>
    internal readonly record struct Slot(object Holder, string ModelId, DateOnly AsOf, string Branches);

    /// <summary>Rows, coded and ready, of one version of their partitions.</summary>
    internal sealed class Rows
    {
        private volatile State _state = new(null, []);

        /// <summary>Held by the one who brings the rows up to date.</summary>
        public SemaphoreSlim Gate { get; } = new(1);

        public string? Version => _state.Version;

        /// <summary>What a snapshot lacks of the rows; under the gate.</summary>
        public SnapshotState Saved { get; } = new();

        public IReadOnlyList<RowSet> Sets => _state.Sets;

        /// <summary>The rows if they are of a version that is known to be true; else null. Needs no gate: a version is set after its rows.</summary>
        public IReadOnlyList<RowSet>? OfVersion(string? version) => _state is { Version: { } known } state && known == version ? state.Sets : null;

        /// <summary>The rows are of another version; under the gate.</summary>
        public void Become(string? version, IReadOnlyList<RowSet> sets) => _state = new State(version, sets);

        private sealed record State(string? Version, IReadOnlyList<RowSet> Sets);

        public long LastUsed { get; set; }

        public long Bytes => Sets.Sum(set => set.Bytes);
    }
}
