namespace Prometheus.Grid.Embedded.Snapshots;

/// <summary>How far rows in memory have gone beyond their snapshot. Not for several threads.</summary>
internal sealed class SnapshotState
{
    /// <summary>Part of the rows, one in so many, whose changes are worth a new snapshot: what a restart reads from the store stays small beside all of them.</summary>
    private const int Share = 8;

    /// <summary>After that time any change is.</summary>
    private static readonly TimeSpan s_age = TimeSpan.FromMinutes(10);

    private DateTimeOffset? _keptAt;
    private long _changed;

    /// <summary>The name of the snapshot, with that of the database before the first row was read from it; null where none is kept.</summary>
    public SnapshotKey? Key { get; set; }

    /// <summary>Rows changed.</summary>
    public void Changed(int rows) => _changed += rows;

    /// <summary>A snapshot is being made of the rows as they are, or they are those of one.</summary>
    public void Keep(DateTimeOffset now) => (_keptAt, _changed) = (now, 0);

    /// <summary>There is none that says anything of the rows.</summary>
    public void Forget() => _keptAt = null;

    /// <summary>Whether to make one.</summary>
    public bool IsDue(int rows, DateTimeOffset now) => _keptAt is not { } keptAt || _changed * Share > rows || (_changed > 0 && now - keptAt > s_age);
}
