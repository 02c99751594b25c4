using System.Diagnostics;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>
/// Enters silos as dead that are gone without having said so, before a new one joins. A silo that joins has to reach all members that signed the table of
/// members lately, and waits half a minute for those that it cannot reach; after a loss of the whole cluster nobody else is there to find them dead.
/// </summary>
internal static class DepartedSilos
{
    /// <summary>How often a silo signs the table of members.</summary>
    public static readonly TimeSpan SignPeriod = TimeSpan.FromSeconds(2);

    /// <summary>What a silo may be silent: three periods, as it may miss three probes.</summary>
    public static readonly TimeSpan LongestSilence = 3 * SignPeriod;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Strikes members whose ports are closed on this machine, at once; and those elsewhere that cannot be connected to and did not sign for three periods
    /// while the table could be read. Whoever answers, frozen or not, is left to the cluster. A silo that is struck though it lives ends by itself, and
    /// writes nothing before: each of its transactions asks the table (<see cref="WriteFence"/>).
    /// </summary>
    /// <param name="table">The members.</param>
    /// <param name="silence">For how long a member elsewhere has to be silent.</param>
    /// <param name="onWaiting">Told what is waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task StrikeAsync(MemberTable table, TimeSpan silence, Action<string> onWaiting, CancellationToken cancellationToken)
    {
        var suspects = await UnreachableAsync(table, await table.ReadAsync(cancellationToken), cancellationToken);
        if (suspects.Count == 0)
            return;
        onWaiting($"silos {string.Join(", ", suspects.Select(member => member.Silo))} do not answer; do they sign the table of members?");
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < silence)
        {
            await Task.Delay(s_pause, cancellationToken);
            var now = await table.ReadAsync(cancellationToken);
            // Whoever signed, or was found dead by others meanwhile, is not equal to what it was.
            suspects = [.. suspects.Intersect(now)];
            if (suspects.Count == 0)
                return;
        }
        foreach (var member in suspects)
        {
            if (await SiloDoors.KnockAsync(member.Silo, cancellationToken) != SiloDoor.Open)
                await table.StrikeAsync(member, cancellationToken);
        }
    }

    /// <summary>Strikes those that are surely gone, and returns the others that cannot be connected to.</summary>
    private static async Task<List<Member>> UnreachableAsync(MemberTable table, IReadOnlyList<Member> members, CancellationToken cancellationToken)
    {
        var doors = await Task.WhenAll(members.Select(member => SiloDoors.KnockAsync(member.Silo, cancellationToken)));
        var suspects = new List<Member>();
        for (int i = 0; i < members.Count; i++)
        {
            if (doors[i] == SiloDoor.Closed && SiloDoors.IsOfThisMachine(members[i].Silo.Address))
                await table.StrikeAsync(members[i], cancellationToken);
            else if (doors[i] != SiloDoor.Open)
                suspects.Add(members[i]);
        }
        return suspects;
    }
}
