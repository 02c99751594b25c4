using Prometheus.Grid.Core.Encoders.Prices;
using Prometheus.Grid.Core.Encoders.RiskReports;
using Prometheus.Grid.Core.Encoders.Text;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Encoders;

/// <summary>Makes an encoder ready for one date: reads or fits what it needs.</summary>
/// <typeparam name="TEncoder">What is made.</typeparam>
public delegate Task<TEncoder> EncoderFactory<TEncoder>(EncoderContext context, CancellationToken cancellationToken);

/// <summary>
/// The encoders by the names that manifests use. A host adds encoders of other rooms (a transformer, say) with one call each; a manifest
/// that names an encoder nobody added is an error that says so.
/// </summary>
public sealed class EncoderRegistry
{
    private readonly Dictionary<string, EncoderFactory<IPriceEncoder>> _price = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EncoderFactory<IVectorEncoder<RiskReport>>> _riskReport = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EncoderFactory<ITextEncoder>> _text = new(StringComparer.Ordinal);

    /// <summary>A registry with the encoders of Core.</summary>
    /// <param name="workers">How many documents a text encoder works on at once, at least 1.</param>
    public static EncoderRegistry BuiltIn(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        var registry = new EncoderRegistry();
        registry.AddPrice("price-window", (context, _) => Task.FromResult<IPriceEncoder>(
            new PriceWindowEncoder(Window(context), context.Model.Dimension)));
        registry.AddPrice("price-window-unpadded", (context, _) => Task.FromResult<IPriceEncoder>(
            new PriceWindowEncoder(Window(context), dimension: null)));
        registry.AddPrice("price-peers", (context, token) => PeerFactory.CreateAsync(context, workers, token));
        registry.AddPrice("price-regime", (context, _) => Task.FromResult<IPriceEncoder>(
            new RegimeEncoder(Window(context), context.Model.Int32Parameter("fewest_days", 63), Staleness.Of(context))));
        registry.AddRiskReport("risk-report-sorted", (context, _) => Task.FromResult<IVectorEncoder<RiskReport>>(
            new SortedRiskReportEncoder(FixedDimension(context.Model))));
        registry.AddRiskReport("risk-report-scaled", (context, token) =>
            RiskScalerFactory.CreateAsync(context, FixedDimension(context.Model), token));
        registry.AddRiskReport("holdings", HoldingsFactory.CreateAsync);
        registry.AddText("text-lsa", (context, token) => FittedTextFactory.CreateAsync(context.Model, LsaModel.Read, workers, token));
        registry.AddText("text-classes", (context, token) => FittedTextFactory.CreateAsync(context.Model, ClassModel.Read, workers, token));
        registry.AddText("text-hash", (context, _) => Task.FromResult<ITextEncoder>(
            new HashedTextEncoder(FixedDimension(context.Model), workers)));
        return registry;
    }

    /// <summary>Adds or replaces an encoder of prices.</summary>
    public void AddPrice(string name, EncoderFactory<IPriceEncoder> factory) => _price[name] = factory;

    /// <summary>Adds or replaces an encoder of risk reports.</summary>
    public void AddRiskReport(string name, EncoderFactory<IVectorEncoder<RiskReport>> factory) => _riskReport[name] = factory;

    /// <summary>Adds or replaces an encoder of texts.</summary>
    public void AddText(string name, EncoderFactory<ITextEncoder> factory) => _text[name] = factory;

    /// <summary>Tells whether there is an encoder of texts of this name.</summary>
    public bool HasText(string name) => _text.ContainsKey(name);

    /// <summary>Makes the price encoder of a model ready.</summary>
    /// <exception cref="NotFoundException">No such encoder is installed.</exception>
    public Task<IPriceEncoder> PriceAsync(EncoderContext context, CancellationToken cancellationToken) =>
        Find(_price, context.Model)(context, cancellationToken);

    /// <summary>Makes the risk report encoder of a model ready.</summary>
    /// <exception cref="NotFoundException">No such encoder is installed.</exception>
    public Task<IVectorEncoder<RiskReport>> RiskReportAsync(EncoderContext context, CancellationToken cancellationToken) =>
        Find(_riskReport, context.Model)(context, cancellationToken);

    /// <summary>Makes the text encoder of a model ready.</summary>
    /// <exception cref="NotFoundException">No such encoder is installed.</exception>
    public Task<ITextEncoder> TextAsync(EncoderContext context, CancellationToken cancellationToken) =>
        Find(_text, context.Model)(context, cancellationToken);

    private static EncoderFactory<T> Find<T>(Dictionary<string, EncoderFactory<T>> encoders, ModelManifest model)
    {
        if (encoders.TryGetValue(model.Encoder, out var factory))
            return factory;
        string hint = model.Encoder == "transformer"
            ? "the transformer encoder is not part of this build (it needs Microsoft.ML.OnnxRuntime and Microsoft.ML.Tokenizers); "
                + "--model-id text-lsa-v1 or text-hash-v1 need nothing"
            : $"model {model.ModelId} asks for it; installed are {string.Join(", ", encoders.Keys.Order(StringComparer.Ordinal))}";
        throw new NotFoundException("encoder", model.Encoder, hint);
    }

    private static int Window(EncoderContext context) => context.WindowDays ?? context.Model.Int32Parameter("window_days");

    private static int FixedDimension(ModelManifest model) =>
        model.Dimension ?? throw new BadInputException($"models/{model.ModelId}.json dimension", "null", $"a number; {model.Encoder} needs one");
}
