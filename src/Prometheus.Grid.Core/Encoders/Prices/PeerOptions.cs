using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>Parameters of <c>num-profile-core-v2</c>, read from its manifest.</summary>
/// <param name="WindowDays">Trading days of returns, at most.</param>
/// <param name="FewestDays">An instrument with fewer days of returns has no vector.</param>
/// <param name="HalfLifeDays">A day this many trading days old counts half.</param>
/// <param name="OutlierClip">Returns are cut at this many robust standard deviations.</param>
/// <param name="ResidualClip">Residual returns are cut at this many standard deviations.</param>
/// <param name="Components">Principal components kept.</param>
/// <param name="SpectrumPower">A component's coordinates scale with its singular value to this power; 1 keeps the data's scale, 0 whitens.</param>
/// <param name="MarketWeight">Scale of the market coordinate beside the unit block of components.</param>
public sealed record PeerOptions(
    int WindowDays,
    int FewestDays,
    double HalfLifeDays,
    double OutlierClip,
    double ResidualClip,
    int Components,
    double SpectrumPower,
    double MarketWeight)
{
    /// <summary>Length of the vectors: the components and the market coordinate.</summary>
    public int Dimension => Components + 1;

    /// <summary>Reads the parameters of a manifest; those it leaves out have the values below, chosen on real data (docs/models.md).</summary>
    /// <exception cref="BadInputException">A parameter is no number, or the dimension does not fit the components.</exception>
    public static PeerOptions Of(ModelManifest model, int? windowDays)
    {
        var options = new PeerOptions(
            windowDays ?? model.Int32Parameter("window_days", 504),
            model.Int32Parameter("fewest_days", 126),
            model.DoubleParameter("half_life_days", 252),
            model.DoubleParameter("outlier_clip", 4),
            model.DoubleParameter("residual_clip", 2),
            model.Int32Parameter("components", 63),
            model.DoubleParameter("spectrum_power", 0.75),
            model.DoubleParameter("market_weight", 1));
        if (model.Dimension != options.Dimension)
            throw new BadInputException($"models/{model.ModelId}.json dimension", model.Dimension, $"{options.Dimension}, its components and one for the market");
        if (options.WindowDays < options.FewestDays)
            throw new BadInputException(nameof(options.WindowDays), options.WindowDays, $"{options.FewestDays} or more for {model.ModelId}, as its returns need history");
        return options;
    }
}
