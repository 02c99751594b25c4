using Prometheus.Grid.Core.Fits;

namespace Prometheus.Grid.Core.Encoders.Prices;

/// <summary>Keeps a <see cref="PeerModel"/> as a file.</summary>
internal static class PeerArtifact
{
    public static byte[] Write(PeerModel model) => new FitFile(model.AsOf)
        .Add<int>("basis", [model.Basis.DayNumber])
        .Add<double>("options", Numbers(model.Options))
        .Add<int>("calendar", model.Market.Calendar)
        .Add<double>("market", model.Market.Market)
        .Add<double>("dispersion", model.Market.Dispersion)
        .Add<double>("projection", model.Projection)
        .Add("reference_ids", model.ReferenceIds)
        .Add<float>("references", model.References)
        .ToBytes();

    /// <summary>Reads a fit; null when it was made with other parameters, since its coordinates then mean something else.</summary>
    public static PeerModel? Read(ReadOnlySpan<byte> content, PeerOptions options, string what)
    {
        var fit = FitFile.Read(content, what);
        if (!fit.Get<double>("options").AsSpan().SequenceEqual(Numbers(options)))
            return null;
        var market = new MarketModel(options, fit.Get<int>("calendar"), fit.Get<double>("market"), fit.Get<double>("dispersion"));
        return new PeerModel(
            fit.AsOf,
            DateOnly.FromDayNumber(fit.Get<int>("basis")[0]),
            options,
            market,
            fit.Get<double>("projection"),
            fit.Lines("reference_ids"),
            fit.Get<float>("references"));
    }

    private static double[] Numbers(PeerOptions options) =>
    [
        options.WindowDays, options.FewestDays, options.HalfLifeDays, options.OutlierClip,
        options.ResidualClip, options.Components, options.SpectrumPower, options.MarketWeight,
    ];
}
