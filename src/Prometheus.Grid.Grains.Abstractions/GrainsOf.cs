namespace Prometheus.Grid.Grains;

/// <summary>
/// References to the grains of one interface. <see cref="IGrainFactory"/> reads the attributes of the interface at each call, which takes a twentieth of a
/// put; here it does so once.
/// </summary>
/// <typeparam name="TGrain">The interface; one type of grain implements it.</typeparam>
/// <param name="grains">Makes the references.</param>
public sealed class GrainsOf<TGrain>(IGrainFactory grains)
    where TGrain : IGrainWithStringKey
{
    private readonly Lazy<GrainReference> _any = new(() => (GrainReference)(object)grains.GetGrain<TGrain>("-"));

    /// <summary>The grain of a key.</summary>
    public TGrain Of(string key) =>
        (TGrain)grains.GetGrain(GrainId.Create(_any.Value.GrainId.Type, key), _any.Value.InterfaceType);
}
