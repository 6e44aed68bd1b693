export { managementApi, type RunningManagementApi, startManagementApi } from './api.ts'
