namespace Prometheus.Grid.Hosting;

/// <summary>Says an error that nobody expected in one line, and puts the whole of it into a file for whoever mends it.</summary>
public static class FaultReport
{
    /// <summary>Writes the file and returns the line.</summary>
    /// <param name="program">Name of the program, which begins the line and the file's name.</param>
    /// <param name="error">The error.</param>
    public static string Write(string program, Exception error)
    {
        string line = $"{program}: {error.GetType().Name}: {string.Join(' ', error.Message.Split('\n', StringSplitOptions.TrimEntries))}";
        string path = Path.Combine(Path.GetTempPath(), $"{program}-{Environment.ProcessId}.log");
        try
        {
            File.WriteAllText(path, error.ToString());
            return $"{line} (all of it is in {path})";
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return $"{line} (and {path} could not be written: {full.Message})";
        }
    }
}
