using System.Collections.Concurrent;
using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>Adds this room to a host.</summary>
public static class TransformerRegistration
{
    /// <summary>Name of the encoder in manifests.</summary>
    public const string EncoderName = "transformer";

    /// <summary>
    /// Makes manifests with the encoder <c>transformer</c> work. A model is loaded when it has its first document to encode, and
    /// stays loaded as long as <paramref name="registry"/>.
    /// </summary>
    /// <param name="registry">Where the encoder is added.</param>
    /// <param name="options">How this machine runs transformers; null takes one run a core.</param>
    /// <exception cref="BadInputException">An option is out of range.</exception>
    public static void AddTransformer(this EncoderRegistry registry, TransformerOptions? options = null)
    {
        options ??= new TransformerOptions();
        if (options.Workers < 1)
            throw new BadInputException("workers", options.Workers, "a whole number of 1 or more");
        if (options.TokenBudget < 1)
            throw new BadInputException("token budget", options.TokenBudget, "a whole number of 1 or more");
        if (options.PaddingAllowed is not (>= 0 and <= 1))
            throw new BadInputException("padding allowed", options.PaddingAllowed, "a share, 0 to 1");
        _ = options.CudaDevice;
        var encoders = new ConcurrentDictionary<string, TransformerEncoder>(StringComparer.Ordinal);
        registry.AddText(EncoderName, (context, _) =>
        {
            var manifest = TransformerManifest.Read(context.Model);
            LoadedModel.CheckPresence(manifest.Model);
            // Models that compute the same share one session.
            return Task.FromResult<ITextEncoder>(encoders.GetOrAdd(TransformerEncoder.FingerprintOf(manifest), _ => new TransformerEncoder(manifest, options)));
        });
    }
}
