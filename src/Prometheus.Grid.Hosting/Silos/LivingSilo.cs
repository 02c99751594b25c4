using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Hosting.Silos;

/// <summary>Leaves a silo alone that runs at the address of one that is about to start.</summary>
internal static class LivingSilo
{
    /// <summary>
    /// Refuses to start where the table of members has an active silo at the same address and somebody answers there. One that crashed a moment ago is
    /// in the table too, but does not answer.
    /// </summary>
    /// <exception cref="GridFaultException">A silo runs there.</exception>
    public static async Task CheckAsync(MemberTable table, SiloSettings settings, CancellationToken cancellationToken)
    {
        var members = await table.ReadAsync(cancellationToken);
        foreach (var address in members.Where(m => m.Status == SiloStatus.Active && m.Silo.Port == settings.SiloPort).Select(m => m.Silo.Address).Distinct())
        {
            bool isHere = settings.AdvertisedAddress is { } own ? own.Equals(address) : SiloDoors.IsOfThisMachine(address);
            if (isHere && await SiloDoors.KnockAsync(new(settings.ListenAddress is null ? address : settings.ListeningAddress, settings.SiloPort), cancellationToken) == SiloDoor.Open)
                throw new GridFaultException(
                    $"a silo of cluster '{settings.ClusterId}' runs at {address}:{settings.SiloPort} already and is left alone; another one needs a Grid:SiloPort and a Grid:GatewayPort of its own");
        }
    }
}
