using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>Adds this room to a host.</summary>
public static class TransformerRegistration
{
    /// <summary>Name of the encoder in manifests.</summary>
    public const string EncoderName = "transformer";

    /// <summary>
    /// Makes manifests with the encoder <c>transformer</c> work. A model is loaded when it is first asked for and stays loaded as long as
    /// <paramref name="registry"/>.
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
        var models = new LoadedModels(options);
        registry.AddText(EncoderName, (context, token) => models.GetAsync(context.Model, token));
    }

    /// <summary>Models by what they compute. A load that failed is tried again by the next caller.</summary>
    private sealed class LoadedModels(TransformerOptions options)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Task<TransformerEncoder>> _loads = new(StringComparer.Ordinal);

        public async Task<ITextEncoder> GetAsync(ModelManifest model, CancellationToken cancellationToken)
        {
            TransformerManifest manifest = TransformerManifest.Read(model);
            string fingerprint = TransformerEncoder.FingerprintOf(manifest);
            Task<TransformerEncoder>? load;
            lock (_lock)
            {
                if (!_loads.TryGetValue(fingerprint, out load) || load.IsFaulted)
                    _loads[fingerprint] = load = Task.Run(() => TransformerEncoder.LoadAsync(manifest, options, CancellationToken.None), CancellationToken.None);
            }
            // Others may wait for the same load, so whoever gives up leaves it running.
            return await load.WaitAsync(cancellationToken);
        }
    }
}
