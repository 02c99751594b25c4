using Prometheus.Grid.Core.Universes;

namespace Prometheus.Grid.Analysis.Groups;

/// <summary>
/// Gives groups ids that follow them from date to date. Only entities that are there on both dates count. A group goes on as the one with which it
/// overlaps best (Jaccard index; Greene, Doyle and Cunningham 2010, "Tracking the evolution of communities"), each id once; what overlaps with nobody
/// by a quarter is new.
/// </summary>
internal sealed class GroupTracker
{
    private const double LeastOverlap = 0.25;

    /// <summary>A part of a group that counts as a piece of it, or of what it becomes.</summary>
    private const double LeastPart = 0.25;

    private const int FewestOfPart = 2;

    private readonly Dictionary<string, int> _before = new(StringComparer.Ordinal);
    private int _last;

    /// <summary>Names the groups of the next date.</summary>
    /// <param name="entityIds">The entities.</param>
    /// <param name="of">For each its group, 0 … <paramref name="count"/> − 1.</param>
    /// <param name="count">Number of groups.</param>
    /// <returns>The id of each group, where each comes from, and what fell apart.</returns>
    public (int[] Ids, IReadOnlyList<int>[] From, IReadOnlyList<GroupSplit> Splits) Next(IReadOnlyList<string> entityIds, IReadOnlyList<int> of, int count)
    {
        var shared = new Dictionary<(int Before, int Now), int>();
        var sizeBefore = new Dictionary<int, int>();
        int[] sizeNow = new int[count];
        for (int i = 0; i < entityIds.Count; i++)
        {
            if (!_before.TryGetValue(entityIds[i], out int before))
                continue;
            shared[(before, of[i])] = shared.GetValueOrDefault((before, of[i])) + 1;
            sizeBefore[before] = sizeBefore.GetValueOrDefault(before) + 1;
            sizeNow[of[i]]++;
        }

        int[] ids = new int[count];
        var taken = new HashSet<int>();
        var overlaps = shared.Select(pair => (pair.Key.Before, pair.Key.Now, Jaccard: (double)pair.Value / (sizeBefore[pair.Key.Before] + sizeNow[pair.Key.Now] - pair.Value)))
            .OrderByDescending(pair => pair.Jaccard).ThenBy(pair => pair.Before).ThenBy(pair => pair.Now);
        foreach ((int before, int now, double jaccard) in overlaps)
        {
            if (jaccard >= LeastOverlap && ids[now] == 0 && taken.Add(before))
                ids[now] = before;
        }
        for (int now = 0; now < count; now++)
            ids[now] = ids[now] == 0 ? ++_last : ids[now];

        // A piece: a quarter of what was, most of which went there; a source: a quarter of what is, most of which came.
        (int Before, int Now)[] pieces = [.. shared.Where(pair => pair.Value >= FewestOfPart && pair.Value >= LeastPart * sizeBefore[pair.Key.Before] && 2 * pair.Value > sizeNow[pair.Key.Now]).Select(pair => pair.Key)];
        (int Before, int Now)[] sources = [.. shared.Where(pair => pair.Value >= FewestOfPart && pair.Value >= LeastPart * sizeNow[pair.Key.Now] && 2 * pair.Value > sizeBefore[pair.Key.Before]).Select(pair => pair.Key)];
        IReadOnlyList<int>[] from = [.. Enumerable.Range(0, count).Select(now => (IReadOnlyList<int>)
            [.. sources.Where(pair => pair.Now == now).Select(pair => pair.Before).Concat(taken.Contains(ids[now]) ? [ids[now]] : (int[])[]).Distinct().Order()])];
        GroupSplit[] splits =
        [
            .. pieces.GroupBy(pair => pair.Before).Where(group => group.Count() > 1).OrderBy(group => group.Key)
                .Select(group => new GroupSplit(group.Key, [.. group.Select(pair => ids[pair.Now]).Order()])),
        ];

        // Who is away for a date comes back to where it was.
        for (int i = 0; i < entityIds.Count; i++)
            _before[entityIds[i]] = ids[of[i]];
        return (ids, from, splits);
    }
}
