using Prometheus.Grid.Numerics;

namespace Prometheus.Grid.Grains.Placement;

/// <summary>
/// Which shard belongs to which silo: it follows from the list of silos alone, so everybody finds it without asking, and a shard can tell by itself
/// when another silo should have it.
/// </summary>
/// <param name="membership">The silos there are.</param>
/// <param name="shards">How many shards a space has.</param>
internal sealed class ShardHomes(IClusterMembershipService membership, int shards)
{
    private volatile Known? _known;

    /// <summary>How many shards a space has.</summary>
    public int Shards => shards;

    /// <summary>The silo of each bucket; empty while no silo is active.</summary>
    public IReadOnlyList<SiloAddress> Now
    {
        get
        {
            var silos = membership.CurrentSnapshot;
            if (_known is { } known && known.Version == silos.Version)
                return known.Homes;
            SiloAddress[] active = [.. silos.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];
            var latest = new Known(silos.Version, active.Length == 0 ? [] : Assign(shards, active));
            _known = latest;
            return latest.Homes;
        }
    }

    /// <summary>
    /// Rendezvous hashing (Thaler and Ravishankar 1998) with a limit: every bucket goes to the silo that ranks highest for it and has room, so silos
    /// differ by one bucket at most, and a silo that comes or goes moves few beyond its own share.
    /// </summary>
    /// <param name="shards">How many buckets.</param>
    /// <param name="silos">At least one, in any order.</param>
    public static SiloAddress[] Assign(int shards, IEnumerable<SiloAddress> silos)
    {
        SiloAddress[] ordered = [.. silos.Order()];
        int[] load = new int[ordered.Length];
        (int share, int larger) = Math.DivRem(shards, ordered.Length);
        var homes = new SiloAddress[shards];
        for (int bucket = 0; bucket < shards; bucket++)
        {
            int home = Enumerable.Range(0, ordered.Length)
                .Where(silo => load[silo] < share || (load[silo] == share && larger > 0))
                .MaxBy(silo => Rank(bucket, ordered[silo]));
            larger -= load[home]++ == share ? 1 : 0;
            homes[bucket] = ordered[home];
        }
        return homes;
    }

    /// <summary>By address and port alone: a silo that is started again at its address gets the shards that it had, of which it may have snapshots.</summary>
    private static ulong Rank(int bucket, SiloAddress silo)
    {
        ulong rank = (uint)silo.Endpoint.Port;
        foreach (byte part in silo.Endpoint.Address.GetAddressBytes())
            rank = SplitMix64.Mix((rank << 8) ^ part);
        return SplitMix64.Mix((rank << 32) ^ (uint)bucket);
    }

    private sealed record Known(MembershipVersion Version, SiloAddress[] Homes);
}
