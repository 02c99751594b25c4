using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Prometheus.Grid.Core.Encoders;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>
/// Any sentence-transformers export as a text encoder: BERT tokens, a transformer in ONNX Runtime, pooling, unit length. Documents are
/// sorted by length and batched by tokens; one thread tokenises ahead of those that run the graph.
/// </summary>
/// <remarks>
/// The model is loaded at the first document: a backfill whose profiles have not changed never reads its 90 MB. A load that failed is tried again
/// by the next caller.
/// </remarks>
internal sealed class TransformerEncoder(TransformerManifest manifest, TransformerOptions options) : ITextEncoder
{
    // Documents that are tokenised and sorted together: enough to find some of one length, few enough that the cores do not wait long for the first.
    private const int BlockSize = 256;

    private readonly Lock _lock = new();
    private readonly ConcurrentBag<RunBuffers> _buffers = [];
    private Task<LoadedModel>? _load;

    /// <inheritdoc/>
    public int Dimension => manifest.Dimension;

    /// <inheritdoc/>
    public string? Fingerprint { get; } = FingerprintOf(manifest);

    /// <summary>
    /// Identifies the computation: files, parameters and dimension. The first source's files stand for those of all sources, which compute the
    /// same but for the last digits.
    /// </summary>
    public static string FingerprintOf(TransformerManifest manifest)
    {
        string parameters = manifest.Model.Parameters.ValueKind == System.Text.Json.JsonValueKind.Object ? manifest.Model.Parameters.GetRawText() : "";
        string identity = $"{manifest.Graph.Sha256}\0{manifest.Vocabulary.Sha256}\0{manifest.Dimension}\0{parameters}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }

    /// <inheritdoc/>
    public async Task EncodeAsync(IReadOnlyList<string> documents, Memory<float> vectors, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
            return;
        var model = await ModelAsync(cancellationToken);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<Sequence[]>(2 * BlockSize);
        int workers = Math.Min(options.Workers, documents.Count);
        Task[] tasks =
        [
            Run(() => TokeniseAsync(model, documents, vectors, batches.Writer, failed.Token)),
            .. Enumerable.Range(0, workers).Select(_ => Run(() => ComputeAsync(model, batches.Reader, failed.Token))),
        ];
        await FirstFailure(tasks, cancellationToken);

        // The first failure ends the others; its exception is the one that counts, not their cancellation.
        Task Run(Func<Task> work) => Task.Run(async () =>
        {
            try
            {
                await work();
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
        }, CancellationToken.None);
    }

    private Task<LoadedModel> ModelAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_load is null or { IsFaulted: true })
                _load = Task.Run(() => LoadedModel.LoadAsync(manifest, options, CancellationToken.None), CancellationToken.None);
            // Others may wait for the same load, so whoever gives up leaves it running.
            return _load.WaitAsync(cancellationToken);
        }
    }

    private static async Task FirstFailure(Task[] tasks, CancellationToken cancellationToken)
    {
        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        await (tasks.FirstOrDefault(task => task.IsFaulted) ?? Task.WhenAll(tasks));
    }

    private async Task TokeniseAsync(
        LoadedModel model, IReadOnlyList<string> documents, Memory<float> vectors, ChannelWriter<Sequence[]> writer, CancellationToken cancellationToken)
    {
        var cutter = new Sequences(model.Tokenizer, manifest);
        for (int start = 0; start < documents.Count; start += BlockSize)
        {
            var sequences = new List<Sequence>(BlockSize);
            for (int d = start; d < Math.Min(documents.Count, start + BlockSize); d++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                cutter.Add(documents[d], vectors.Slice(d * Dimension, Dimension), sequences);
            }
            foreach (var batch in Sequences.Batches(sequences, options))
                await writer.WriteAsync(batch, cancellationToken);
        }
        writer.Complete();
    }

    private async Task ComputeAsync(LoadedModel model, ChannelReader<Sequence[]> reader, CancellationToken cancellationToken)
    {
        if (!_buffers.TryTake(out var buffers))
            buffers = new RunBuffers(Math.Max(options.TokenBudget, manifest.MaxTokens), Dimension);
        await foreach (var batch in reader.ReadAllAsync(cancellationToken))
        {
            buffers.Fill([.. batch.Select(sequence => sequence.Ids)], model.Tokenizer.PaddingId);
            model.Session.Run(buffers, cancellationToken);
            for (int row = 0; row < batch.Length; row++)
                batch[row].Document.Pool(batch[row].Index, buffers.Vectors(row)[..(batch[row].Ids.Length * Dimension)], manifest.Pooling);
        }
        _buffers.Add(buffers);
    }
}
